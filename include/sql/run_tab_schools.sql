-- Grain: one level of one source and school of the run, those with the most that failed or is held first; `found` in all.
-- Inputs: %(run_key)s, %(limit)s, %(offset)s.
select
    b.source, b.school_number, coalesce(h.school_name, '') as school_name, b.level, b.staged, b.created, b.updated, b.unchanged,
    b.skipped, b.held, b.failed, count(*) over () as found
from passback.book as b
left join staging.school as h using (school_number)
where b.run_key = %(run_key)s
order by b.failed + b.held desc, b.school_number collate "C", b.source, b.level
limit %(limit)s offset %(offset)s
