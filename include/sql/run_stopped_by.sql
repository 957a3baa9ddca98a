-- One row: the code by which another task has just stopped the run, or null. A stop of over a minute ago is over: somebody has
-- cleared the task since. Inputs: %(run_key)s.
update passback.run as r
set stopped_by = case when exists (
    select from passback.run_problem as p
    where p.run_key = r.run_key and p.code = r.stopped_by and p.recorded_at > clock_timestamp() - interval '1 minute'
) then r.stopped_by end
where r.run_key = %(run_key)s
returning r.stopped_by
