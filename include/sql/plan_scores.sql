-- Grain: one score to send: ours differs from base, or the item's change sends all its scores again.
-- Inputs: %(run_key)s, %(score_rows)s: rows of one score call.
insert into passback.plan_score (
    run_key, item_key, student_number, student_dcid, batch, action, base_points, base_flags, held_points, held_flags, points, flags, seq
)
with
ours as (
    select
        s.item_key, s.student_number, s.student_dcid, s.points, s.flags, w.seq, w.fresh,
        l.points_sent, l.flags_sent, l.points_held, l.flags_held, l.seq as base_seq, l.item_key is null as is_new,
        (l.points_sent, l.flags_sent) is distinct from (s.points, s.flags) as differs, w.resends
    from passback.run_score as s
    join wanted as w using (item_key)
    left join passback.ledger_score as l
        on l.item_key = s.item_key and l.student_number = s.student_number and not w.fresh
    where s.run_key = %(run_key)s and s.outcome is null and w.action <> 'held'
        and (w.action <> 'none' or not exists (
            select from passback.ledger_item as m where m.item_key = s.item_key and m.seq > w.seq
        ))
),
last_batch as (
    select item_key, max(batch) as batch from passback.plan_score where run_key = %(run_key)s group by item_key
)
select
    %(run_key)s, o.item_key, o.student_number, o.student_dcid,
    coalesce(b.batch + 1, 0) + (row_number() over (partition by o.item_key order by o.student_number) - 1) / %(score_rows)s,
    case when o.is_new then 'create' when o.differs then 'update' else 'resend' end,
    o.points_sent, o.flags_sent, o.points_held, o.flags_held, o.points, o.flags, o.seq
from ours as o
left join last_batch as b using (item_key)
where (o.is_new or o.differs or o.resends) and coalesce(o.base_seq, 0) <= o.seq
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
