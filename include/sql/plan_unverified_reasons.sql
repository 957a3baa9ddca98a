-- Grain: one source of whose changes some wait as UNVERIFIED: why, in words. Inputs: %(run_key)s, %(message)s.
insert into passback.held_reason (run_key, source, code, limits, message)
select distinct %(run_key)s::bigint, source, 'UNVERIFIED', 0, %(message)s
from (
    select source from passback.held_item where run_key = %(run_key)s and code = 'UNVERIFIED'
    union all
    select source from passback.held_score where run_key = %(run_key)s and code = 'UNVERIFIED'
) as held
on conflict (run_key, source, code, limits) do update set message = excluded.message
