-- Base, ours, theirs of the items' scores, as read just now (temporary table theirs): an edit is what PowerSchool holds and the ledger does not.
-- A score that only goes along keeps the teacher's edit; one that changed in the source replaces it, and says so.
-- Inputs: %(run_key)s, %(items)s.
create temporary table decided on commit drop as
select
    p.item_key, p.student_number, p.action, t.points as theirs_points, coalesce(t.flags, 0::smallint) as theirs_flags,
    (t.points, coalesce(t.flags, 0)) is distinct from (p.held_points, coalesce(p.held_flags, 0)) as edited,
    (t.points, coalesce(t.flags, 0)) is not distinct from (p.points, p.flags) as as_ours
from passback.plan_score as p
join passback.ledger_item as l using (item_key)
left join theirs as t on t.assignment_section_id = l.powerschool_assignment_section_id and t.student_dcid = p.student_dcid
left join passback.score_call as c on c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch
where p.run_key = %(run_key)s and p.item_key = any(%(items)s) and c.state is distinct from 'accepted';

insert into passback.score_exception as e (run_key, item_key, student_number, state, warnings, theirs)
select
    %(run_key)s, item_key, student_number,
    case when action = 'resend' then 'kept' else 'warned' end,
    case when action = 'resend' then passback.mask('TEACHER_EDIT_KEPT') else passback.mask('TEACHER_EDIT_OVERWRITTEN') end,
    coalesce(nullif(report.score_text(theirs_points, theirs_flags), ''), 'no score')
from decided
where edited and not as_ours
on conflict (run_key, item_key, student_number) do update set
    state = excluded.state, code = '', warnings = excluded.warnings, theirs = excluded.theirs
where e.state <> 'dropped';

update passback.plan_score as p
set held_points = d.theirs_points, held_flags = d.theirs_flags
from decided as d
where p.run_key = %(run_key)s and p.item_key = d.item_key and p.student_number = d.student_number and d.edited;

drop table decided
