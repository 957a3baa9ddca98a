-- Grain: one problem of the run.
select step, code, message, recorded_at from passback.run_problem where run_key = %(run_key)s order by recorded_at, step, message;
