-- Grain: one Schoology section to read, those that were read longest ago first. `since`: from when on its grades are asked for by
-- Schoology's clock; null asks for all: the section is swept, or was never read.
-- Inputs: %(codes)s that were asked for; %(now)s; %(sweep_seconds)s: within which every section is swept, 0: each time; %(resumed)s:
-- the extractions of the same run whose sections are not asked for again (`is_read`).
select
    s.id as section_id, case when t.is_swept then null else p.grades_since end as since,
    coalesce(p.seq = any(%(resumed)s::bigint[]), false) as is_read
from staging.schoology_section as s
left join passback.schoology_place as p on p.section_id = s.id
cross join lateral (
    select case
        when p.swept_at is null or %(sweep_seconds)s::double precision = 0 then true
        else passback.own_window(s.id, p.swept_at, %(sweep_seconds)s::double precision)
            <> passback.own_window(s.id, %(now)s::timestamptz, %(sweep_seconds)s::double precision)
    end as is_swept
) as t
where not s.deleted and s.invalid is null
    and s.section_dcid::text = any(%(codes)s::text[])
order by p.items_read_at nulls first, s.id
