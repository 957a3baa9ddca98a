-- Grain: one unit of delivery: a teacher under whom sections are listed, with what the shard has to send there. What waited since the
-- night before (WINDOW_CLOSED) goes first, then the heaviest. Inputs: %(run_key)s, %(shard)s. Held and settled items need nothing.
with
to_do as (
    select p.*
    from passback.plan_item as p
    where p.run_key = %(run_key)s and p.shard = %(shard)s and (
        p.state in ('planned', 'refused')
        or p.state = 'held' and p.code in ('IN_DOUBT', 'WINDOW_CLOSED', 'MARKER_FOUND')
        or p.state in ('accepted', 'done') and exists (
            select from passback.plan_score as s
            left join passback.score_call as c on c.run_key = s.run_key and c.item_key = s.item_key and c.batch = s.batch
            where s.run_key = p.run_key and s.item_key = p.item_key and c.state is distinct from 'accepted'
        )
    )
),
waiting as (
    select distinct t.item_key
    from to_do as t
    join lateral (
        select q.run_key, q.code from passback.plan_item as q
        where q.item_key = t.item_key and q.run_key < t.run_key order by q.run_key desc limit 1
    ) as before on true
    where before.code = 'WINDOW_CLOSED' or exists (
        select from passback.score_call as c
        where c.run_key = before.run_key and c.item_key = t.item_key and c.code = 'WINDOW_CLOSED'
    )
)
select
    t.unit_users_dcid, array_agg(distinct t.section_dcid order by t.section_dcid) as sections, count(*) as items,
    bool_or(w.item_key is not null) as waited
from to_do as t
left join waiting as w using (item_key)
group by t.unit_users_dcid
order by waited desc, items desc, t.unit_users_dcid
