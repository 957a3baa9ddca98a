-- Grain: one query of the roster. Those without any row in the schools of the extraction (`schools`, or all where null); only
-- teachers' categories may be none.
select q.query
from unnest(array['schools', 'sections', 'section_teachers', 'enrollments', 'grading_periods']) as q (query)
where not exists (
    select from staging.roster_size as s
    where s.query = q.query and (%(schools)s::text[] is null or s.school_number = any(%(schools)s::text[]))
)
order by q.query;
