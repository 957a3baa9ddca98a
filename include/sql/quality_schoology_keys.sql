-- Grain: one Schoology collection. Those in which an id stands in several rows (a category's and a grading period's: of one section), is
-- empty or is null, and how many such ids.
with
wrong as (
    select 'sections' as collection from staging.schoology_section group by id having count(*) > 1 or id is null or id = ''
    union all
    select 'grade_items' from staging.schoology_item group by id having count(*) > 1 or id is null or id = ''
    union all
    select 'grades' from staging.schoology_grade group by id having count(*) > 1 or id is null or id = ''
    union all
    select 'enrollments' from staging.schoology_enrollment group by id having count(*) > 1 or id is null or id = ''
    union all
    select 'grading_categories' from staging.schoology_category
    group by section_id, id having count(*) > 1 or id is null or id = ''
    union all
    select 'grading_periods' from staging.schoology_grading_period
    group by section_id, id having count(*) > 1 or id is null or id = ''
)
select collection, count(*) as wrong
from wrong
group by collection
order by collection;
