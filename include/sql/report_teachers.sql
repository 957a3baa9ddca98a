-- Grain: one acting teacher of the run with something failed or held, the most first; `others` are those that the list leaves out.
-- Needs the temporary table `cube`.
with
teachers as (
    select
        users_dcid, string_agg(distinct school_number, ', ' order by school_number) as schools,
        sum(count) filter (where level = 'item') as items,
        coalesce(sum(count) filter (where level = 'item' and outcome in ('failed', 'held')), 0) as items_waiting,
        coalesce(sum(count) filter (where level = 'score'), 0) as scores,
        coalesce(sum(count) filter (where level = 'score' and outcome in ('created', 'updated')), 0) as scores_sent,
        coalesce(sum(count) filter (where level = 'score' and outcome in ('failed', 'held')), 0) as scores_waiting
    from cube
    where users_dcid is not null
    group by users_dcid
)
select *, greatest(count(*) over () - 50, 0) as others
from teachers
where items_waiting + scores_waiting > 0
order by items_waiting + scores_waiting desc, users_dcid
limit 50;
