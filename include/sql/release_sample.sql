-- Grain: one value that a release asks about, old and new; the first ones, items before scores. Inputs: %(run_key)s, %(limit)s of each.
with
changed as (
    (
        select i.item_key, '' as student_number, v.place, v.field, v.old, v.new
        from passback.release_item as i
        left join passback.release_item as b
            on b.run_key = i.run_key and b.item_key = i.item_key and b.base_section_dcid = i.section_dcid
        cross join lateral (values
            (1, 'name', b.base_name, i.name),
            (2, 'due date', b.base_due_on::text, i.due_on::text),
            (3, 'total', report.score_text(b.base_total, 0::smallint), report.score_text(i.total, 0::smallint)),
            (4, 'category', b.base_category, i.category)
        ) as v (place, field, old, new)
        where i.run_key = %(run_key)s and i.changes and v.old is distinct from v.new
        order by i.item_key, v.place
        limit %(limit)s
    )
    union all
    (
        select
            item_key, student_number, 5, 'score',
            case when base_flags is not null then report.score_text(base_points, base_flags) end, report.score_text(points, flags)
        from passback.release_score
        where run_key = %(run_key)s
        order by coalesce(base_points, 0) - coalesce(points, 0) desc, item_key, student_number
        limit %(limit)s
    )
)
select
    i.source_item_id, r.title, coalesce(s.course_name || ' ' || s.section_number, '') as section_name, c.student_number, c.field,
    coalesce(c.old, '') as old, coalesce(c.new, '') as new
from changed as c
join passback.item as i using (item_key)
join passback.release as q on q.run_key = %(run_key)s
left join passback.run_item as r on r.run_key = q.held_run_key and r.item_key = c.item_key
left join staging.section as s using (section_dcid)
order by c.place = 5, c.item_key, c.place, c.student_number
