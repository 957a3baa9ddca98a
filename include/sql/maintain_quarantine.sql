-- Grain: one quarantined record that is older than its days; at most %(rows)s of them go. One without an id counts while its extraction is
-- the source's latest, and stays so long. One that an extraction is just replacing is left to it. Inputs: %(before)s, %(rows)s.
with
latest as (
    select source, max(seq) as seq from passback.extraction where finished_at is not null group by source
),
old as (
    select q.ctid as place
    from staging.quarantine as q
    left join latest as l on l.source = q.source and l.seq = q.seq
    where q.recorded_at < %(before)s and (l.seq is null or q.source_id <> '')
    limit %(rows)s
    for update of q skip locked
)
delete from staging.quarantine where ctid = any(array(select place from old))
