-- Grain: one school of the roster with its grading periods as JSON, those schools first that have no current one; `found` in all,
-- `without_current` of them without one. Inputs: %(store_codes)s that count, %(today)s, %(limit)s, %(offset)s.
with
counting as (
    select school_number, store_code, first_day, last_day, %(today)s::date between first_day and last_day as is_current
    from staging.grading_period
    where store_code = any(%(store_codes)s)
    group by school_number, store_code, first_day, last_day
),
periods as (
    select
        s.school_number, s.school_name, coalesce(bool_or(c.is_current), false) as has_current,
        coalesce(jsonb_agg(jsonb_build_object(
            'store_code', c.store_code, 'first_day', c.first_day, 'last_day', c.last_day, 'is_current', c.is_current
        ) order by c.first_day, c.store_code) filter (where c.store_code is not null), '[]') as periods
    from staging.school as s
    left join counting as c using (school_number)
    group by s.school_number, s.school_name
)
select *, count(*) over () as found, count(*) filter (where not has_current) over () as without_current
from periods
order by has_current, school_number collate "C"
limit %(limit)s offset %(offset)s
