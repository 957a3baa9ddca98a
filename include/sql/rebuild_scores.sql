-- Grain: one score that PowerSchool holds (temporary table held_score), or the ledger, of the assignments that are the ledger's now
-- (temporary table holding, rebuild_items.sql). What the ledger holds otherwise becomes what PowerSchool holds, unverified; where
-- PowerSchool holds none, that. A student whom the roster does not name in the section, and the ledger neither, is left out.
-- Inputs: %(run_key)s, %(seq)s.
create temporary table theirs_now on commit drop as
select
    l.item_key, h.section_dcid, h.assignment_id, s.student_dcid, s.points, s.flags,
    coalesce(
        (select min(e.student_number) from staging.enrollment as e
            where e.section_dcid = h.section_dcid and e.student_dcid = s.student_dcid),
        (select min(c.student_number) from passback.ledger_score as c where c.item_key = l.item_key and c.student_dcid = s.student_dcid)
    ) as student_number
from holding as h
join passback.ledger_item as l
    on l.item_key = h.item_key and l.section_dcid = h.section_dcid and l.powerschool_assignment_id = h.assignment_id
join held_score as s on s.assignment_section_id = h.assignment_section_id;

create temporary table score_now on commit drop as
select
    coalesce(c.item_key, t.item_key) as item_key, coalesce(c.student_number, t.student_number) as student_number,
    coalesce(t.student_dcid, c.student_dcid) as student_dcid, t.points, coalesce(t.flags, 0::smallint) as flags,
    c.points_held, c.flags_held, c.item_key is not null as in_ledger
from (
    select k.* from passback.ledger_score as k
    join holding as h using (item_key)
    join passback.ledger_item as l
        on l.item_key = h.item_key and l.section_dcid = h.section_dcid and l.powerschool_assignment_id = h.assignment_id
) as c
full join (select distinct on (item_key, student_number) * from theirs_now where student_number is not null) as t
    on t.item_key = c.item_key and t.student_number = c.student_number
where c.item_key is null or (t.points, coalesce(t.flags, 0)) is distinct from (c.points_held, c.flags_held);

insert into difference
select
    n.item_key, l.section_dcid, l.powerschool_assignment_id, 'score', n.student_number,
    case when n.in_ledger then 'differs' else 'not in the ledger' end,
    case when n.in_ledger then coalesce(nullif(report.score_text(n.points_held, n.flags_held), ''), 'no score') else '' end,
    coalesce(nullif(report.score_text(n.points, n.flags), ''), 'no score')
from score_now as n
join passback.ledger_item as l using (item_key)
union all
select item_key, section_dcid, assignment_id, 'score', '', 'student unknown', '', 'student DCID ' || student_dcid
from theirs_now
where student_number is null;

insert into passback.ledger_score as c (
    item_key, student_number, student_dcid, points_sent, flags_sent, points_held, flags_held, confirmed, seq, run_key, unverified
)
select item_key, student_number, student_dcid, points, flags, points, flags, true, %(seq)s, %(run_key)s, true
from score_now
on conflict (item_key, student_number) do update set
    student_dcid = excluded.student_dcid, points_sent = excluded.points_sent, flags_sent = excluded.flags_sent,
    points_held = excluded.points_held, flags_held = excluded.flags_held, confirmed = true,
    seq = greatest(c.seq, excluded.seq), unverified = true;
