-- One row: whether the source gave its last state as files, which list everything each time. Inputs: %(source)s.
select coalesce((
    select transport = 'files' from passback.extraction
    where source = %(source)s and finished_at is not null order by seq desc limit 1
), false) as listed
