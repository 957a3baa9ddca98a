-- Grain: one field of a roster query that names a section or a school. Those where more than the share `most` of the rows in scope,
-- and at least `few` of them, names one that is not there.
with
counted as (
    select
        'sections' as query, 'school_number' as field, count(*) as row_count,
        count(*) filter (where r.school_number is null) as dangling
    from staging.section as s
    left join staging.school as r on r.school_number = s.school_number
    where %(schools)s::text[] is null or s.school_number = any(%(schools)s::text[])
    union all
    select 'section_teachers', 'section_dcid', count(*), count(*) filter (where r.section_dcid is null)
    from staging.section_teacher as s
    left join staging.section as r on r.section_dcid = s.section_dcid
    where %(schools)s::text[] is null or s.school_number = any(%(schools)s::text[])
    union all
    select 'enrollments', 'section_dcid', count(*), count(*) filter (where r.section_dcid is null)
    from staging.enrollment as s
    left join staging.section as r on r.section_dcid = s.section_dcid
    where %(schools)s::text[] is null or s.school_number = any(%(schools)s::text[])
    union all
    select 'grading_periods', 'school_number', count(*), count(*) filter (where r.school_number is null)
    from staging.grading_period as s
    left join staging.school as r on r.school_number = s.school_number
    where %(schools)s::text[] is null or s.school_number = any(%(schools)s::text[])
)
select query, field, dangling, row_count, dangling::double precision / row_count as share
from counted
where dangling >= %(few)s and dangling > %(most)s * row_count
order by query, field;
