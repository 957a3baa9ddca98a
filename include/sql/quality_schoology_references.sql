-- Grain: one field of a Schoology collection that names another record. Those where more than the share `most` of the live, readable
-- records, and at least `few` of them, names a record that is not there.
with
counted as (
    select 'grade_items' as collection, 'section_id' as field, count(*) as records, count(*) filter (where r.id is null) as dangling
    from staging.schoology_item as s
    left join staging.schoology_section as r on r.id = s.section_id
    where not s.deleted and s.invalid is null
    union all
    select 'grades', 'item_id', count(*), count(*) filter (where r.id is null)
    from staging.schoology_grade as s
    left join staging.schoology_item as r on r.id = s.item_id
    where not s.deleted and s.invalid is null
    union all
    select 'grades', 'enrollment_id', count(*), count(*) filter (where r.id is null)
    from staging.schoology_grade as s
    left join staging.schoology_enrollment as r on r.id = s.enrollment_id
    where not s.deleted and s.invalid is null
    union all
    select 'enrollments', 'section_id', count(*), count(*) filter (where r.id is null)
    from staging.schoology_enrollment as s
    left join staging.schoology_section as r on r.id = s.section_id
    where not s.deleted and s.invalid is null
)
select collection, field, dangling, records, dangling::double precision / records as share
from counted
where dangling >= %(few)s and dangling > %(most)s * records
order by collection, field;
