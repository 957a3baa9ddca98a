-- One row: what becomes of the approved changes: all of them, those that are planned, and those of which another old or new value is planned.
-- The others need nothing any more, or their item or score no longer passes.
-- Inputs: %(run_key)s of the release, the temporary tables wanted and planned_score.
with
items as (
    select w.limits
    from passback.release_item as a
    left join wanted as w on w.item_key = a.item_key and w.action in ('create', 'update')
    where a.run_key = %(run_key)s and a.changes
),
scores as (
    select p.limits
    from passback.release_score as a
    left join planned_score as p on p.item_key = a.item_key and p.student_number = a.student_number and p.action <> 'resend'
    where a.run_key = %(run_key)s
),
changes as (
    select limits from items
    union all
    select limits from scores
)
select count(*) as approved, count(*) filter (where limits = 0) as planned, count(*) filter (where limits <> 0) as moved from changes
