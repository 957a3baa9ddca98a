-- Grain: one Schoology section of the chunk that needs more than was read of it. `grades`: all of them, since an item whose grades were
-- left out is one to stage now. `enrollments`: its grades need some that were never read, are to be swept, or do not lead to a student
-- of the roster's section. Inputs: %(section_ids)s; %(swept)s of them.
with
asked as (
    select s.id, s.section_dcid, p.enrollments_read_at
    from staging.schoology_section as s
    left join passback.schoology_place as p on p.section_id = s.id
    where s.id = any(%(section_ids)s::text[])
),
enrolled as (
    select distinct g.section_id, g.enrollment_id
    from staging.schoology_grade as g
    where g.section_id = any(%(section_ids)s::text[]) and not g.deleted
),
needed as (
    select
        a.id,
        exists (
            select from staging.schoology_left_out as o
            join staging.schoology_item as i
                on i.section_id = o.section_id and (i.grade_item_id = o.grade_item_id or i.other_id = o.grade_item_id)
            where o.section_id = a.id and not i.deleted and i.is_final is not true
        ) as grades,
        exists (
            select from enrolled as g
            left join staging.schoology_enrollment as e on e.id = g.enrollment_id and not e.deleted
            where g.section_id = a.id
                and (
                    a.enrollments_read_at is null or a.id = any(%(swept)s::text[]) or e.student_number is null
                    or not exists (
                        select from staging.enrollment as r
                        where r.section_dcid = a.section_dcid and r.student_number = e.student_number
                    )
                )
        ) as enrollments
    from asked as a
)
select id as section_id, grades, enrollments from needed where grades or enrollments order by id
