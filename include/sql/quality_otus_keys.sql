-- Grain: one Otus collection. Those in which an id stands in several rows, is empty or is null, and how many such ids.
with
wrong as (
    select 'users' as collection, id from staging.otus_user group by id having count(*) > 1 or id is null or id = ''
    union all
    select 'students' as collection, id from staging.otus_student group by id having count(*) > 1 or id is null or id = ''
    union all
    select 'classes' as collection, id from staging.otus_class group by id having count(*) > 1 or id is null or id = ''
    union all
    select 'assessments' as collection, id from staging.otus_assessment group by id having count(*) > 1 or id is null or id = ''
    union all
    select 'assignments' as collection, id from staging.otus_assignment group by id having count(*) > 1 or id is null or id = ''
    union all
    select 'scores' as collection, id from staging.otus_score group by id having count(*) > 1 or id is null or id = ''
)
select collection, count(*) as wrong
from wrong
group by collection
order by collection;
