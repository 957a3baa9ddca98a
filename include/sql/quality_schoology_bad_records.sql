-- Grain: one Schoology collection. Those in which more than the share `most` of all staged records breaks the contract; a record without
-- an id, a bad category and a bad grading period are staged in the quarantine only.
with
staged as (
    select 'sections' as collection, count(*) as staged, count(invalid) as bad from staging.schoology_section
    union all
    select 'grade_items', count(*), count(invalid) from staging.schoology_item
    union all
    select 'grades', count(*), count(invalid) from staging.schoology_grade
    union all
    select 'enrollments', count(*), count(invalid) from staging.schoology_enrollment
    union all
    select 'grading_categories', count(*), 0 from staging.schoology_category
    union all
    select 'grading_periods', count(*), 0 from staging.schoology_grading_period
),
unstaged as (
    select collection, count(*) as bad from staging.quarantine
    where source = 'schoology' and (source_id = '' or collection in ('grading_categories', 'grading_periods'))
    group by collection
),
counted as (
    select s.collection, s.bad + coalesce(u.bad, 0) as bad, s.staged + coalesce(u.bad, 0) as staged
    from staged as s
    left join unstaged as u on u.collection = s.collection
)
select collection, bad, staged, bad::double precision / staged as share
from counted
where bad > %(most)s * staged
order by collection;
