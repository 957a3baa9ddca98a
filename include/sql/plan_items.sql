-- Grain: one item with something to send. Every section is listed under one teacher: the lowest acting one of its items in the plan.
-- Inputs: %(run_key)s.
insert into passback.plan_item (
    run_key, item_key, shard, unit_users_dcid, section_dcid, users_dcid, action, moved, state, code, warnings
)
with
sending as (
    select w.*, exists (select from passback.plan_score as p where p.run_key = %(run_key)s and p.item_key = w.item_key) as has_scores
    from wanted as w
)
select
    %(run_key)s, item_key, 0, min(users_dcid) over (partition by section_dcid), section_dcid, users_dcid,
    case action when 'create' then 'create' when 'update' then 'update' else 'scores' end,
    moved,
    case action when 'held' then 'held' else 'planned' end,
    case action when 'held' then 'DELETED_IN_SIS' else '' end,
    case when moved and action = 'create' then passback.mask('LEFT_IN_SIS') else 0 end
from sending
where action <> 'none' or has_scores
on conflict (run_key, item_key) do update set
    unit_users_dcid = excluded.unit_users_dcid, section_dcid = excluded.section_dcid, users_dcid = excluded.users_dcid,
    action = excluded.action, moved = excluded.moved, state = excluded.state, code = excluded.code
