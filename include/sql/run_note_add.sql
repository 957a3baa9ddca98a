-- One thing that a run's reader should know. Inputs: %(run_key)s, %(step)s, %(message)s.
insert into passback.run_note (run_key, step, message) values (%(run_key)s, %(step)s, %(message)s)
on conflict (run_key, step, message) do nothing
