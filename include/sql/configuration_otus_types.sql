-- Grain: one assessment type of Otus in one school ('' where no section is known), with the staged assignments that have it.
-- Inputs: none. Classes find their school once each: an id that is cast costs more than all joins.
with
classes as materialized (
    select c.id, coalesce(s.school_number, '') as school_number
    from staging.otus_class as c
    left join staging.section as s on s.section_dcid = passback.dcid(c.sis_section_id)
    where not c.deleted
)
select c.school_number, m.assessment_type as name, count(*) as items
from staging.otus_assignment as a
join staging.otus_assessment as m on m.id = a.assessment_id
join classes as c on c.id = a.class_id
where not (a.deleted or m.deleted) and a.invalid is null and m.invalid is null and m.assessment_type is not null
group by 1, 2
order by 2, 1
