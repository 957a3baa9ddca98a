-- One release, with what it asks about: every change that the run holds, as it stands now. A second call changes nothing: what was shown is
-- what is approved. Inputs: %(run_key)s of the release, %(held_run_key)s.
with
asked as (
    insert into passback.release (run_key, held_run_key, items, scores, figures)
    select
        %(run_key)s, %(held_run_key)s,
        (select count(*) from passback.held_item where run_key = %(held_run_key)s),
        (select count(*) from passback.held_score where run_key = %(held_run_key)s and action <> 'resend'),
        coalesce((
            select jsonb_agg(to_jsonb(f) - 'run_key' order by f.figure, f.source)
            from passback.guard_figure as f where f.run_key = %(held_run_key)s
        ), '[]')
    on conflict (run_key) do nothing
    returning run_key, held_run_key
),
concerned as (
    select item_key from passback.held_item where run_key = %(held_run_key)s
    union
    select item_key from passback.held_score where run_key = %(held_run_key)s and action <> 'resend'
),
items as (
    insert into passback.release_item (
        run_key, item_key, source, code, changes, base_section_dcid, base_name, base_due_on, base_total, base_category,
        section_dcid, name, due_on, total, category
    )
    select
        q.run_key, i.item_key, i.source, coalesce(h.code, ''), h.item_key is not null, h.base_section_dcid, h.base_name, h.base_due_on, h.base_total,
        h.base_category, i.section_dcid, h.name, h.due_on, h.total, h.category
    from asked as q
    cross join concerned as c
    join passback.run_item as i on i.run_key = q.held_run_key and i.item_key = c.item_key
    left join passback.held_item as h on h.run_key = q.held_run_key and h.item_key = c.item_key
)
insert into passback.release_score (run_key, item_key, student_number, code, base_points, base_flags, points, flags)
select q.run_key, h.item_key, h.student_number, h.code, h.base_points, h.base_flags, h.points, h.flags
from asked as q
join passback.held_score as h on h.run_key = q.held_run_key and h.action <> 'resend'
