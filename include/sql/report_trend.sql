-- Grain: one of the last thirty runs of a DAG up to this one's day, oldest first; previews are left out, this run is always there.
with
runs as (
    select r.run_key, r.run_id, r.as_of, r.started_at, r.balanced
    from passback.run as r
    join passback.run as this on this.run_key = %(run_key)s
    where r.dag_id = this.dag_id
        and r.as_of <= this.as_of
        and r.balanced is not null
        and (not r.dry_run or r.run_key = this.run_key)
    order by r.as_of desc, r.started_at desc, r.run_key desc
    limit 30
)
select
    r.run_key, r.run_id, r.as_of, r.started_at, r.balanced,
    coalesce(sum(b.created + b.updated) filter (where b.level = 'score'), 0)::bigint as sent,
    coalesce(sum(b.skipped) filter (where b.level = 'score'), 0)::bigint as skipped,
    coalesce(sum(b.held) filter (where b.level = 'score'), 0)::bigint as held,
    coalesce(sum(b.failed) filter (where b.level = 'score'), 0)::bigint as failed,
    coalesce(sum(b.failed + b.held) filter (where b.level = 'item'), 0)::bigint as items_waiting
from runs as r
left join passback.book as b using (run_key)
group by r.run_key, r.run_id, r.as_of, r.started_at, r.balanced
order by r.as_of, r.started_at, r.run_key;
