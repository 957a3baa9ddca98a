-- Grain: one extraction that is older than its days and after which the source was read again; at most %(rows)s of them go, with their counts.
-- One that a cursor, a section's place or an accepted roster stands on stays. Inputs: %(before)s, %(rows)s.
with
old as (
    select e.seq
    from passback.extraction as e
    where e.started_at < %(before)s
        and exists (
            select from passback.extraction as newer
            where newer.source = e.source and newer.seq > e.seq and newer.finished_at is not null
                and (e.source = 'powerschool' or exists (
                    select from passback.run_source as s where s.run_key = newer.run_key and s.seq = newer.seq and s.state = 'read'))
        )
        and not exists (select from passback.cursor as c where c.seq = e.seq)
        and not exists (select from passback.schoology_place as p where p.seq = e.seq)
        and not exists (select from passback.accepted_roster as a where a.seq = e.seq)
    limit %(rows)s
),
counts as (
    delete from passback.extraction_count where seq in (select seq from old) returning seq
)
delete from passback.extraction where seq in (select seq from old) and (select count(*) from counts) >= 0
