-- One row: how many quarantined records are older than their days (see maintain_quarantine). Inputs: %(before)s.
with
latest as (
    select source, max(seq) as seq from passback.extraction where finished_at is not null group by source
)
select count(*) as rows
from staging.quarantine as q
left join latest as l on l.source = q.source and l.seq = q.seq
where q.recorded_at < %(before)s and (l.seq is null or q.source_id <> '')
