-- Judges open score calls by what PowerSchool holds (temporary table theirs), into the temporary tables looked_at and done. A call, or a
-- part of one sent by itself, is all or nothing, and its rows tell of it together: one that is as attempted and was not so before proves
-- it, and without any such one, one that is still as before disproves it. A row that held what was attempted already (it only goes along)
-- tells nothing, and one that is neither was edited, nobody knows when: it counts with the others, and alone as edited after delivery.
-- What is the ledger's in another section by now is told by nothing there: not done.
-- Inputs: %(calls)s: call ids, %(students)s: only these rows of theirs (student DCIDs), or null.
create temporary table looked_at on commit drop as
select
    c.call_id, c.run_key, c.item_key, p.student_number, p.student_dcid, p.points, p.flags, p.seq, t.points as theirs_points,
    coalesce(t.flags, 0::smallint) as theirs_flags,
    (t.points, coalesce(t.flags, 0)) is not distinct from (p.points, p.flags) as as_attempted,
    (t.points, coalesce(t.flags, 0)) is not distinct from (p.held_points, coalesce(p.held_flags, 0)) as as_before
from passback.score_call as c
join passback.plan_score as p on p.run_key = c.run_key and p.item_key = c.item_key and p.batch = c.batch
join passback.ledger_item as l on l.item_key = c.item_key and l.section_dcid = c.section_dcid
left join theirs as t on t.assignment_section_id = l.powerschool_assignment_section_id and t.student_dcid = p.student_dcid
left join passback.score_exception as e
    on e.run_key = p.run_key and e.item_key = p.item_key and e.student_number = p.student_number and e.state <> 'warned'
where
    c.call_id = any(%(calls)s) and e.item_key is null
    and (%(students)s::bigint[] is null or p.student_dcid = any(%(students)s::bigint[]));

create temporary table done on commit drop as
select call_id
from looked_at
group by call_id
having bool_or(as_attempted and not as_before) or not bool_or(as_before and not as_attempted)
