-- Grain: one unit of delivery: a teacher under whom sections are listed, with what the shard has to send there. Heaviest first.
-- Inputs: %(run_key)s, %(shard)s. Held and settled items need nothing.
select unit_users_dcid, array_agg(distinct section_dcid order by section_dcid) as sections, count(*) as items
from passback.plan_item
where run_key = %(run_key)s and shard = %(shard)s and state in ('planned', 'refused')
    or run_key = %(run_key)s and shard = %(shard)s and state = 'held' and code in ('IN_DOUBT', 'WINDOW_CLOSED', 'MARKER_FOUND')
    or run_key = %(run_key)s and shard = %(shard)s and state in ('accepted', 'done') and exists (
        select from passback.plan_score as s
        left join passback.score_call as c on c.run_key = s.run_key and c.item_key = s.item_key and c.batch = s.batch
        where s.run_key = plan_item.run_key and s.item_key = plan_item.item_key and c.state is distinct from 'accepted'
    )
group by unit_users_dcid
order by items desc, unit_users_dcid
