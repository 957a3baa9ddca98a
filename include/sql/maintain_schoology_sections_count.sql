-- One row: how many Schoology sections are of an older school year: not of PowerSchool's roster, and all days that are known of them before
-- %(before)s; see maintain_schoology_sections. Inputs: %(before)s.
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
)
select
    (select count(*) from over) as sections,
    (select count(*) from staging.schoology_grade where section_id in (select id from over))
        + (select count(*) from staging.schoology_item where section_id in (select id from over)) as rows
