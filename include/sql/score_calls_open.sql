-- Grain: one score call (an item and a batch of its rows), on record before it is sent, with the body that it sends.
-- Rows that were dropped or kept are left out; a row refused before is tried again. Inputs: %(run_key)s, %(items)s.
delete from passback.score_exception as e
using passback.plan_score as p
left join passback.score_call as c on c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch
where e.run_key = %(run_key)s and e.item_key = any(%(items)s) and e.state = 'refused' and c.state is distinct from 'accepted'
    and p.run_key = e.run_key and p.item_key = e.item_key and p.student_number = e.student_number;

with
rows_to_send as (
    select p.*
    from passback.plan_score as p
    left join passback.score_exception as e using (run_key, item_key, student_number)
    left join passback.score_call as c on c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch
    where p.run_key = %(run_key)s and p.item_key = any(%(items)s) and c.state is distinct from 'accepted'
        and coalesce(e.state, 'warned') = 'warned'
),
opened as (
    insert into passback.score_call as c (run_key, item_key, batch, section_dcid)
    select distinct r.run_key, r.item_key, r.batch, l.section_dcid
    from rows_to_send as r
    join passback.ledger_item as l using (item_key)
    on conflict (run_key, item_key, batch) do update set
        state = 'open', code = '', message = null, opened_at = clock_timestamp(), settled_at = null
    returning c.call_id, c.item_key, c.batch
)
select o.call_id, o.item_key, count(*) as rows, passback.score_body(
    l.powerschool_assignment_section_id, array_agg(r.student_dcid order by r.student_number),
    array_agg(r.points order by r.student_number), array_agg(r.flags order by r.student_number)
) as body, array_agg(r.student_dcid order by r.student_number) as students
from opened as o
join passback.ledger_item as l using (item_key)
join rows_to_send as r using (item_key, batch)
group by o.call_id, o.item_key, l.powerschool_assignment_section_id
order by o.item_key, o.call_id
