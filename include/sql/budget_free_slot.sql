-- Grain: one row. In: api, slot. Gives back a slot of this session; returns whether it was held.
select pg_advisory_unlock(hashtext('passback.budget.' || %(api)s), %(slot)s::int) as freed
