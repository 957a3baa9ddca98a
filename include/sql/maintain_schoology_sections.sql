-- One row: how many Schoology sections are of an older school year: not of PowerSchool's roster, and all days that are known of them before
-- %(before)s; at most %(sections)s of them go whole, with the place where their extraction goes on.
-- One that comes back is read whole. Inputs: %(before)s, %(sections)s.
with
over as materialized (
    select s.id
    from staging.schoology_section as s
    where not exists (select from staging.section as p where p.section_dcid = s.section_dcid)
        and (
            select max(d.day) from (
                select i.due_on as day from staging.schoology_item as i where i.section_id = s.id
                union all
                select g.end_on from staging.schoology_grading_period as g where g.section_id = s.id
            ) as d
        ) < %(before)s
    limit %(sections)s
),
grade_gone as (
    delete from staging.schoology_grade where section_id in (select id from over) returning 1
),
item_gone as (
    delete from staging.schoology_item where section_id in (select id from over) returning 1
),
enrollment_gone as (
    delete from staging.schoology_enrollment where section_id in (select id from over) returning 1
),
category_gone as (
    delete from staging.schoology_category where section_id in (select id from over) returning 1
),
grading_period_gone as (
    delete from staging.schoology_grading_period where section_id in (select id from over) returning 1
),
place_gone as (
    delete from passback.schoology_place where section_id in (select id from over) returning 1
),
section_gone as (
    delete from staging.schoology_section where id in (select id from over) returning 1
)
select (select count(*) from section_gone) as sections, (select count(*) from grade_gone) + (select count(*) from item_gone) as rows
