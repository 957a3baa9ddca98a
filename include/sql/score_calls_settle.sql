-- Settles open score calls by what PowerSchool holds (temporary table theirs). A call is all or nothing, and its rows tell of it together:
-- one that is as attempted and was not so before proves it, and without any such one, one that is still as before disproves it. A row that
-- held what was attempted already (it only goes along) tells nothing, and one that is neither was edited, nobody knows when: it counts
-- with the others, and alone as edited after delivery. What is the ledger's in another section by now is told by nothing there: not done.
-- The rows of a call that was done become the ledger's; one that is as before all the same is a VERIFY_MISMATCH.
-- Inputs: %(calls)s: call ids.
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
where c.call_id = any(%(calls)s) and e.item_key is null;

create temporary table done on commit drop as
select call_id
from looked_at
group by call_id
having bool_or(as_attempted and not as_before) or not bool_or(as_before and not as_attempted);

insert into passback.ledger_score as l (
    item_key, student_number, student_dcid, points_sent, flags_sent, points_held, flags_held, confirmed, seq, run_key
)
select item_key, student_number, student_dcid, points, flags, theirs_points, theirs_flags, true, seq, run_key
from looked_at join done using (call_id)
where as_attempted or not as_before
order by item_key, student_number
on conflict (item_key, student_number) do update set
    student_dcid = excluded.student_dcid, points_sent = excluded.points_sent, flags_sent = excluded.flags_sent,
    points_held = excluded.points_held, flags_held = excluded.flags_held, confirmed = true, unverified = false,
    seq = excluded.seq, run_key = excluded.run_key
where l.seq <= excluded.seq;

insert into passback.score_exception as e (run_key, item_key, student_number, state, code, theirs)
select
    run_key, item_key, student_number, 'mismatch', 'VERIFY_MISMATCH',
    coalesce(nullif(report.score_text(theirs_points, theirs_flags), ''), 'no score')
from looked_at join done using (call_id)
where as_before and not as_attempted
on conflict (run_key, item_key, student_number) do update set
    state = excluded.state, code = excluded.code, theirs = excluded.theirs;

update passback.score_call as c
set state = case when exists (select from done as d where d.call_id = c.call_id) then 'accepted' else 'not_done' end,
    settled_at = clock_timestamp()
where c.call_id = any(%(calls)s);

drop table looked_at, done
