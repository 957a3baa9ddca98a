-- Grain: one cause (code and what it says) of what failed or is held, with everything that waits with it; the twelve largest.
-- Needs the temporary table `new_line`.
with
causes as (
    select
        code, cause, owner, fix, severity,
        count(*) filter (where level = 'item') as items,
        count(*) filter (where level = 'score') + sum(waiting) as scores,
        count(distinct school_number) as schools
    from new_line
    where outcome in ('failed', 'held')
    group by code, cause, owner, fix, severity
),
ranked as (
    select *, sum(items + scores) over () as everything,
        sum(items + scores) over (order by items + scores desc, code, cause rows unbounded preceding) as so_far
    from causes
)
select code, cause, owner, fix, severity, items, scores::bigint as scores, schools, (so_far / everything)::float8 as share_so_far
from ranked
order by items + scores desc, code, cause
limit 12;
