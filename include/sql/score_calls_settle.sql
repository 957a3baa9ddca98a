-- Settles open score calls by what PowerSchool holds (temporary table theirs): a row as attempted, or neither as attempted nor as
-- before, was delivered (the latter edited since); a row as before was not. Inputs: %(calls)s: call ids.
-- What is the ledger's in another section by now is told by nothing there: not done. A call is all or nothing: one delivered row proves it; the delivered rows become the ledger's.
create temporary table settled on commit drop as
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

insert into passback.ledger_score as l (
    item_key, student_number, student_dcid, points_sent, flags_sent, points_held, flags_held, confirmed, seq, run_key
)
select item_key, student_number, student_dcid, points, flags, theirs_points, theirs_flags, true, seq, run_key
from settled
where as_attempted or not as_before
order by item_key, student_number
on conflict (item_key, student_number) do update set
    student_dcid = excluded.student_dcid, points_sent = excluded.points_sent, flags_sent = excluded.flags_sent,
    points_held = excluded.points_held, flags_held = excluded.flags_held, confirmed = true, unverified = false,
    seq = excluded.seq, run_key = excluded.run_key
where l.seq <= excluded.seq;

update passback.score_call as c
set state = case when exists (select from settled as s where s.call_id = c.call_id and (s.as_attempted or not s.as_before))
        then 'accepted' else 'not_done' end,
    settled_at = clock_timestamp()
where c.call_id = any(%(calls)s)
