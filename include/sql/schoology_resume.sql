-- Grain: one row. The extractions of this run that did not end, since its last one that did: what they read is not asked for again by
-- the extraction `seq`, and what they quarantined counts as its. Inputs: %(run_key)s, %(seq)s. Gives their numbers.
with
unfinished as (
    select e.seq
    from passback.extraction as e
    where e.run_key = %(run_key)s and e.source = 'schoology' and e.finished_at is null and e.seq < %(seq)s
        and e.seq > coalesce((
            select max(f.seq) from passback.extraction as f
            where f.run_key = %(run_key)s and f.source = 'schoology' and f.finished_at is not null
        ), 0)
),
taken_over as (
    update staging.quarantine as q set seq = %(seq)s
    from unfinished as u
    where q.source = 'schoology' and q.seq = u.seq
)
select coalesce(array_agg(seq), '{}') as seqs from unfinished
