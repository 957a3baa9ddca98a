-- Grain: one item with something to send. Every section is listed under one teacher: the lowest acting one of its items in the plan.
-- An item whose own change waits (`limits`) is there for its scores only. Inputs: %(run_key)s.
insert into passback.plan_item (
    run_key, item_key, shard, unit_users_dcid, section_dcid, users_dcid, action, moved, state, code, warnings, item_waits
)
with
sending as (
    select w.*, exists (select from passback.plan_score as p where p.run_key = %(run_key)s and p.item_key = w.item_key) as has_scores
    from wanted as w
)
select
    %(run_key)s, item_key, 0, min(users_dcid) over (partition by section_dcid), section_dcid, users_dcid,
    case when limits > 0 then 'scores' when action in ('create', 'update') then action else 'scores' end,
    moved,
    case action when 'held' then 'held' else 'planned' end,
    case action when 'held' then 'DELETED_IN_SIS' else '' end,
    case when moved and action = 'create' and limits = 0 then passback.mask('LEFT_IN_SIS') else 0 end,
    limits > 0
from sending
where (action <> 'none' and limits = 0) or has_scores
on conflict (run_key, item_key) do update set
    unit_users_dcid = excluded.unit_users_dcid, section_dcid = excluded.section_dcid, users_dcid = excluded.users_dcid,
    action = excluded.action, moved = excluded.moved, state = excluded.state, code = excluded.code,
    item_waits = excluded.item_waits
