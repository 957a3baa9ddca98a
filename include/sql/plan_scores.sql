-- Grain: one score to send: those of planned_score that wait for nothing, in batches. Inputs: %(run_key)s, %(score_rows)s: rows of one call.
insert into passback.plan_score (
    run_key, item_key, student_number, student_dcid, batch, action, base_points, base_flags, held_points, held_flags, points, flags, seq
)
with
last_batch as (
    select item_key, max(batch) as batch from passback.plan_score where run_key = %(run_key)s group by item_key
)
select
    %(run_key)s, o.item_key, o.student_number, o.student_dcid,
    coalesce(b.batch + 1, 0) + (row_number() over (partition by o.item_key order by o.student_number) - 1) / %(score_rows)s,
    o.action, o.base_points, o.base_flags, o.held_points, o.held_flags, o.points, o.flags, o.seq
from planned_score as o
left join last_batch as b using (item_key)
where o.limits = 0
on conflict (run_key, item_key, student_number) do update set
    proved = coalesce(passback.plan_score.proved, case passback.plan_score.action when 'create' then 'create' else 'update' end),
    batch = excluded.batch, action = excluded.action, student_dcid = excluded.student_dcid,
    base_points = excluded.base_points, base_flags = excluded.base_flags,
    held_points = excluded.held_points, held_flags = excluded.held_flags, points = excluded.points, flags = excluded.flags, seq = excluded.seq
where exists (
    select from passback.score_call as c
    where c.run_key = passback.plan_score.run_key and c.item_key = passback.plan_score.item_key
        and c.batch = passback.plan_score.batch and c.state = 'accepted'
)
