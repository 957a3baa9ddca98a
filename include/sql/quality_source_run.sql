-- Grain: one row. The extraction that a run judges of a source, and the run's day; no row where nothing was read.
select s.seq, r.as_of
from passback.run_source as s
join passback.run as r on r.run_key = s.run_key
where s.run_key = %(run_key)s and s.source = %(source)s and s.seq is not null;
