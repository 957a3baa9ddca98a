-- Grain: at most one row: the extraction `seq`, where its source shows an older state than the last accepted extraction of it did
-- (by more than `slack` seconds over HTTP: clocks differ; a state of over a day after our own clock counts as of then), or one that is over `stale_days` before the run's day (0: never).
with
judged as (
    select e.seq, e.source, e.transport, e.source_time, r.as_of
    from passback.extraction as e
    join passback.run as r on r.run_key = e.run_key
    where e.seq = %(seq)s
),
accepted as (
    select max(case when e.source_time > e.started_at + interval '1 day' then e.started_at else e.source_time end) as source_time
    from passback.extraction as e
    join passback.run_source as s on s.seq = e.seq and s.source = e.source and s.state = 'read'
    join judged as j on j.source = e.source and e.seq < j.seq
)
select
    to_char(j.source_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as source_time,
    case when s.is_older
        then 'older than what was last accepted (' || to_char(a.source_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC)'
        else 'over ' || %(stale_days)s || ' days before ' || j.as_of
    end as finding
from judged as j
cross join accepted as a
cross join lateral (
    select j.source_time + case j.transport when 'http' then %(slack)s else 0 end * interval '1 second' < a.source_time as is_older
) as s
where s.is_older
    or (%(stale_days)s > 0 and (j.source_time at time zone %(time_zone)s)::date < j.as_of - %(stale_days)s);
