-- Grain: one query of the roster. Those without any row in the schools of the extraction (`schools`, or all where null); only
-- teachers' categories may be none.
with
staged as (
    select 'schools' as query, school_number, count(*) as row_count from staging.school group by school_number
    union all
    select 'sections', school_number, count(*) from staging.section group by school_number
    union all
    select 'section_teachers', school_number, count(*) from staging.section_teacher group by school_number
    union all
    select 'teacher_categories', school_number, count(*) from staging.teacher_category group by school_number
    union all
    select 'enrollments', school_number, count(*) from staging.enrollment group by school_number
    union all
    select 'grading_periods', school_number, count(*) from staging.grading_period group by school_number
),
accepted as (
    select query, school_number, row_count from passback.accepted_roster where year_first_day = %(year_first_day)s
),
compared as (
    select
        coalesce(s.query, a.query) as query, coalesce(s.row_count, 0) as row_count,
        case when a.school_number is not null then coalesce(s.row_count, 0) end as still, a.row_count as before
    from staged as s
    full join accepted as a on a.query = s.query and a.school_number = s.school_number
    where %(schools)s::text[] is null or coalesce(s.school_number, a.school_number) = any(%(schools)s::text[])
),
sizes as (
    select
        q.query, coalesce(sum(c.row_count), 0)::bigint as row_count, coalesce(sum(c.still), 0)::bigint as still,
        coalesce(sum(c.before), 0)::bigint as before
    from unnest(array['schools', 'sections', 'section_teachers', 'teacher_categories', 'enrollments', 'grading_periods']) as q (query)
    left join compared as c on c.query = q.query
    group by q.query
)
select query
from sizes
where row_count = 0 and query <> 'teacher_categories'
order by query;
