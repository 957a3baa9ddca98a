-- One row: the body of an open score call for some of its students. Inputs: %(call_id)s, %(students)s: student DCIDs.
select passback.score_body(
    l.powerschool_assignment_section_id, array_agg(p.student_dcid order by p.student_number),
    array_agg(p.points order by p.student_number), array_agg(p.flags order by p.student_number)
) as body
from passback.score_call as c
join passback.plan_score as p on p.run_key = c.run_key and p.item_key = c.item_key and p.batch = c.batch
join passback.ledger_item as l on l.item_key = c.item_key
where c.call_id = %(call_id)s and p.student_dcid = any(%(students)s)
group by l.powerschool_assignment_section_id
