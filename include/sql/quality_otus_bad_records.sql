-- Grain: one Otus collection. Those in which more than the share `most` of all staged records breaks the contract; a record without
-- an id is staged in the quarantine only.
with
staged as (
    select 'users' as collection, count(*) as staged, count(invalid) as bad from staging.otus_user
    union all
    select 'students' as collection, count(*) as staged, count(invalid) as bad from staging.otus_student
    union all
    select 'classes' as collection, count(*) as staged, count(invalid) as bad from staging.otus_class
    union all
    select 'assessments' as collection, count(*) as staged, count(invalid) as bad from staging.otus_assessment
    union all
    select 'assignments' as collection, count(*) as staged, count(invalid) as bad from staging.otus_assignment
    union all
    select 'scores' as collection, count(*) as staged, count(invalid) as bad from staging.otus_score
),
unkeyed as (
    select collection, count(*) as bad from staging.quarantine
    where source = 'otus' and source_id = ''
    group by collection
),
counted as (
    select s.collection, s.bad + coalesce(u.bad, 0) as bad, s.staged + coalesce(u.bad, 0) as staged
    from staged as s
    left join unkeyed as u on u.collection = s.collection
)
select collection, bad, staged, bad::double precision / staged as share
from counted
where bad > %(most)s * staged
order by collection;
