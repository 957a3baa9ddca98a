-- Grain: one score that would be sent: ours differs from base, or the item's change sends all its scores again. Makes the temporary table
-- planned_score; `limits` says why a row waits (0: it does not). Inputs: %(run_key)s, the temporary table wanted.
create temporary table planned_score on commit drop as
with
ours as (
    select
        s.item_key, s.student_number, s.student_dcid, s.points, s.flags, w.source, w.seq,
        l.points_sent, l.flags_sent, l.points_held, l.flags_held, l.seq as base_seq, l.item_key is null as is_new,
        (l.points_sent, l.flags_sent) is distinct from (s.points, s.flags) as differs, w.resends
    from passback.run_score as s
    join wanted as w using (item_key)
    left join passback.ledger_score as l
        on l.item_key = s.item_key and l.student_number = s.student_number and not w.fresh
    where s.run_key = %(run_key)s and s.outcome is null and w.action <> 'held' and not w.newer
)
select
    item_key, student_number, student_dcid, source,
    case when is_new then 'create' when differs then 'update' else 'resend' end as action,
    points_sent as base_points, flags_sent as base_flags, points_held as held_points, flags_held as held_flags, points, flags, seq,
    0 as limits
from ours
where (is_new or differs or resends) and coalesce(base_seq, 0) <= seq;

analyze planned_score;
