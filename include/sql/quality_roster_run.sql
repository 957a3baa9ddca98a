-- Grain: one row. A run's last roster extraction with the run's schools (null: all) and school year; no row where it read none.
select e.seq, r.schools, r.year_first_day, r.dry_run
from passback.run as r
join passback.extraction as e on e.run_key = r.run_key and e.source = 'powerschool' and e.finished_at is not null
where r.run_key = %(run_key)s
order by e.seq desc
limit 1;
