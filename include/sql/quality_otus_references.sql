-- Grain: one field of an Otus collection that names another record. Those where more than the share `most` of the live, readable
-- records, and at least `few` of them, names a record that is not there.
with
counted as (
    select 'assignments' as collection, 'assessment_id' as field, count(*) as records, count(*) filter (where r.id is null) as dangling
    from staging.otus_assignment as s
    left join staging.otus_assessment as r on r.id = s.assessment_id
    where not s.deleted and s.invalid is null
    union all
    select 'assignments' as collection, 'class_id' as field, count(*) as records, count(*) filter (where r.id is null) as dangling
    from staging.otus_assignment as s
    left join staging.otus_class as r on r.id = s.class_id
    where not s.deleted and s.invalid is null
    union all
    select 'assignments' as collection, 'assigned_by' as field, count(*) as records, count(*) filter (where r.id is null) as dangling
    from staging.otus_assignment as s
    left join staging.otus_user as r on r.id = s.assigned_by
    where not s.deleted and s.invalid is null
    union all
    select 'scores' as collection, 'assignment_id' as field, count(*) as records, count(*) filter (where r.id is null) as dangling
    from staging.otus_score as s
    left join staging.otus_assignment as r on r.id = s.assignment_id
    where not s.deleted and s.invalid is null
    union all
    select 'scores' as collection, 'student_id' as field, count(*) as records, count(*) filter (where r.id is null) as dangling
    from staging.otus_score as s
    left join staging.otus_student as r on r.id = s.student_id
    where not s.deleted and s.invalid is null
)
select collection, field, dangling, records, dangling::double precision / records as share
from counted
where dangling >= %(few)s and dangling > %(most)s * records
order by collection, field;
