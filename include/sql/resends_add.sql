-- An item whose name, total or category was sent sends every passing score again, where the plan did not foresee it.
-- Inputs: %(run_key)s, %(items)s, %(score_rows)s.
insert into passback.plan_score (
    run_key, item_key, student_number, student_dcid, batch, action, base_points, base_flags, held_points, held_flags, points, flags, seq
)
select
    s.run_key, s.item_key, s.student_number, s.student_dcid,
    coalesce((select max(b.batch) + 1 from passback.plan_score as b where b.run_key = s.run_key and b.item_key = s.item_key), 0)
        + (row_number() over (partition by s.item_key order by s.student_number) - 1) / %(score_rows)s,
    'resend', l.points_sent, l.flags_sent, l.points_held, l.flags_held, s.points, s.flags, i.seq
from passback.run_score as s
join passback.run_item as i on i.run_key = s.run_key and i.item_no = s.item_no
join passback.ledger_score as l on l.item_key = s.item_key and l.student_number = s.student_number and l.seq <= i.seq
where s.run_key = %(run_key)s and s.item_key = any(%(items)s) and s.outcome is null
    and (l.points_sent, l.flags_sent) is not distinct from (s.points, s.flags)
on conflict do nothing
