-- Grain: one query of the roster. Those in which one key stands in several rows that differ, in the schools in scope.
with
wrong as (
    select 'sections' as query
    from passback.extraction_count as c
    where c.seq = %(seq)s and c.collection = 'sections' and c.received - c.quarantined <> (
        select count(*) from staging.section where %(schools)s::text[] is null or school_number = any(%(schools)s::text[])
    )
    union all
    select 'grading_periods'
    from staging.grading_period
    where %(schools)s::text[] is null or school_number = any(%(schools)s::text[])
    group by school_number, term_id, store_code
    having count(*) > 1
)
select query, count(*) as wrong
from wrong
group by query
order by query;
