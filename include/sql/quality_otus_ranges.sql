-- Grain: one field of an Otus collection. Those where more than the share `most` of the live, readable records, and at least `few` of
-- them, holds a value that no district has: points beyond a million, negative or not finite, days and times outside 1990 to 2100.
with
valued as (
    select
        'assessments' as collection, count(*) as records,
        count(*) filter (where points_possible not between 0 and 1000000) as points_possible,
        count(*) filter (where created_at not between '1990-01-01' and '2100-01-01') as created_at,
        null::bigint as assigned_at, null::bigint as due_date, null::bigint as submission_date, null::bigint as points
    from staging.otus_assessment
    where not deleted and invalid is null
    union all
    select
        'assignments', count(*), null, null,
        count(*) filter (where assigned_at not between '1990-01-01' and '2100-01-01'),
        count(*) filter (where due_date not between '1990-01-01' and '2100-01-01'),
        count(*) filter (where submission_date not between '1990-01-01' and '2100-01-01'),
        null
    from staging.otus_assignment
    where not deleted and invalid is null
    union all
    select
        'scores', count(*), null, null, null, null, null,
        count(*) filter (where points not between -1000000 and 1000000)
    from staging.otus_score
    where not deleted and invalid is null
),
counted as (
    select v.collection, f.field, f.implausible, v.records
    from valued as v
    cross join lateral (
        values
            ('points_possible', v.points_possible), ('created_at', v.created_at), ('assigned_at', v.assigned_at),
            ('due_date', v.due_date), ('submission_date', v.submission_date), ('points', v.points)
    ) as f (field, implausible)
)
select collection, field, implausible, records, implausible::double precision / records as share
from counted
where implausible >= %(few)s and implausible > %(most)s * records
order by collection, field;
