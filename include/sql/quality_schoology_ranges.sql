-- Grain: one field of a Schoology collection. Those where more than the share `most` of the live, readable records, and at least `few` of
-- them, holds a value that no district has: points beyond a million, negative or not finite, days and times outside 1990 to 2100.
with
counted as (
    select
        'grade_items' as collection, f.field, count(*) as records, count(*) filter (where f.is_implausible) as implausible
    from staging.schoology_item as s
    cross join lateral (
        values
            ('max_points', s.max_points not between 0 and 1000000),
            ('due', s.due_on not between '1990-01-01' and '2100-01-01')
    ) as f (field, is_implausible)
    where not s.deleted and s.invalid is null
    group by f.field
    union all
    select 'grades', f.field, count(*), count(*) filter (where f.is_implausible)
    from staging.schoology_grade as s
    cross join lateral (
        values
            ('grade', s.grade not between -1000000 and 1000000),
            ('timestamp', s.changed_at not between extract(epoch from date '1990-01-01') and extract(epoch from date '2100-01-01'))
    ) as f (field, is_implausible)
    where not s.deleted and s.invalid is null
    group by f.field
    union all
    select 'grading_periods', f.field, count(*), count(*) filter (where f.is_implausible)
    from staging.schoology_grading_period as s
    cross join lateral (
        values
            ('start', s.start_on not between '1990-01-01' and '2100-01-01'),
            ('end', s.end_on not between '1990-01-01' and '2100-01-01')
    ) as f (field, is_implausible)
    group by f.field
)
select collection, field, implausible, records, implausible::double precision / records as share
from counted
where implausible >= %(few)s and implausible > %(most)s * records
order by collection, field;
