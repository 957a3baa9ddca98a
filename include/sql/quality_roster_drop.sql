-- Grain: one query of the roster. Those of which the schools of the extraction (`schools`, or all where null) have lost more than
-- the share `most` of the rows that the last accepted roster of the same school year had there.
with
sizes as (
    select a.query, sum(coalesce(s.row_count, 0))::bigint as still, sum(a.row_count)::bigint as before
    from passback.accepted_roster as a
    left join staging.roster_size as s on s.query = a.query and s.school_number = a.school_number
    where a.year_first_day = %(year_first_day)s and (%(schools)s::text[] is null or a.school_number = any(%(schools)s::text[]))
    group by a.query
)
select query, still, before, (before - still)::double precision / before as share
from sizes
where before - still > %(most)s * before
order by query;
