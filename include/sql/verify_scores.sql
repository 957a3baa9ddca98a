-- Settles the run's accepted score calls of a section by the read-back (temporary table theirs).
-- A row as sent is confirmed; as before, or absent, its base goes back; anything else is a teacher's edit after delivery, and stays.
-- Inputs: %(run_key)s, %(sections)s.
create temporary table looked_at on commit drop as
select
    c.call_id, p.item_key, p.student_number, p.base_points, p.base_flags, p.held_points, p.held_flags, p.points, p.flags,
    t.points as theirs_points, coalesce(t.flags, 0::smallint) as theirs_flags,
    (t.points, coalesce(t.flags, 0)) is not distinct from (p.points, p.flags) as as_sent,
    (t.points is null and coalesce(t.flags, 0) = 0)
        or (t.points, coalesce(t.flags, 0)) is not distinct from (p.held_points, coalesce(p.held_flags, 0)) as as_before
from passback.score_call as c
join passback.plan_score as p on p.run_key = c.run_key and p.item_key = c.item_key and p.batch = c.batch
join passback.ledger_item as i on i.item_key = p.item_key
join passback.ledger_score as l
    on l.item_key = p.item_key and l.student_number = p.student_number and l.run_key = p.run_key
left join theirs as t on t.assignment_section_id = i.powerschool_assignment_section_id and t.student_dcid = p.student_dcid
left join passback.score_exception as e
    on e.run_key = p.run_key and e.item_key = p.item_key and e.student_number = p.student_number and e.state <> 'warned'
where c.run_key = %(run_key)s and c.section_dcid = any(%(sections)s) and c.state = 'accepted' and not c.verified and e.item_key is null;

insert into passback.score_exception as e (run_key, item_key, student_number, state, code, warnings, theirs)
select
    %(run_key)s, item_key, student_number,
    case when as_before then 'mismatch' else 'warned' end,
    case when as_before then 'VERIFY_MISMATCH' else '' end,
    case when as_before then 0 else passback.mask('TEACHER_EDIT_KEPT') end,
    coalesce(nullif(report.score_text(theirs_points, theirs_flags), ''), 'no score')
from looked_at
where not as_sent
on conflict (run_key, item_key, student_number) do update set
    state = excluded.state, code = excluded.code, warnings = e.warnings | excluded.warnings, theirs = excluded.theirs;

update passback.ledger_score as l
set points_held = a.theirs_points, flags_held = a.theirs_flags, confirmed = true
from looked_at as a
where l.item_key = a.item_key and l.student_number = a.student_number and (a.as_sent or not a.as_before);

update passback.ledger_score as l
set points_sent = a.base_points, flags_sent = a.base_flags, points_held = a.theirs_points, flags_held = a.theirs_flags, confirmed = false
from looked_at as a
where l.item_key = a.item_key and l.student_number = a.student_number and not a.as_sent and a.as_before and a.base_flags is not null;

delete from passback.ledger_score as l
using looked_at as a
where l.item_key = a.item_key and l.student_number = a.student_number and not a.as_sent and a.as_before and a.base_flags is null;

update passback.score_call
set verified = true
where run_key = %(run_key)s and section_dcid = any(%(sections)s) and state = 'accepted';

drop table looked_at
