-- One thing that a run's reader should know; of a run that is not kept nobody reads. Inputs: %(run_key)s, %(step)s, %(message)s.
insert into passback.run_note (run_key, step, message)
select run_key, %(step)s, %(message)s from passback.run where run_key = %(run_key)s
on conflict (run_key, step, message) do nothing
