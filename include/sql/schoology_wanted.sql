-- Grain: one Schoology section to read, those that were read longest ago first. `since`: from when on its grades are asked for by
-- Schoology's clock; null asks for all: the section is swept, was never read, or was read up to a moment that has not come.
-- Where that clock has since lost over a minute against ours (`clock_lost`), grades are asked for from as much earlier.
-- Inputs: %(codes)s that were asked for; %(now)s; %(sweep_seconds)s: within which every section is swept, 0: each time; %(resumed)s:
-- the extractions of the same run whose sections are not asked for again (`is_read`).
with
clock as (
    select %(now)s::timestamptz - clock_timestamp() as ahead
),
places as (
    select
        p.*,
        greatest(coalesce(e.source_time, p.items_read_at) - e.started_at - clock.ahead, interval '0') as lost
    from passback.schoology_place as p
    join passback.extraction as e using (seq)
    cross join clock
)
select
    s.id as section_id,
    case when t.is_swept or asked.since > %(now)s::timestamptz then null else asked.since end as since,
    asked.since < p.grades_since as clock_lost,
    coalesce(p.seq = any(%(resumed)s::bigint[]), false) as is_read
from staging.schoology_section as s
left join places as p on p.section_id = s.id
cross join lateral (
    select case
        when p.swept_at is null or %(sweep_seconds)s::double precision = 0 then true
        else passback.own_window(s.id, p.swept_at, %(sweep_seconds)s::double precision)
            <> passback.own_window(s.id, %(now)s::timestamptz, %(sweep_seconds)s::double precision)
    end as is_swept
) as t
cross join lateral (
    select case
        when p.lost > interval '1 minute' then p.grades_since - p.lost
        else p.grades_since
    end as since
) as asked
where not s.deleted and s.invalid is null
    and s.section_dcid::text = any(%(codes)s::text[])
order by p.items_read_at nulls first, s.id
