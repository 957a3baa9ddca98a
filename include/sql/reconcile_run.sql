-- Grain: the run itself.
select run_key, dag_id, run_id, as_of, dry_run, started_at, finished_at, balanced, stopped_by
from passback.run
where run_key = %(run_key)s;
