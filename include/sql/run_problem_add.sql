-- One cause that makes the run red. Inputs: %(run_key)s, %(step)s, %(code)s, %(message)s.
insert into passback.run_problem (run_key, step, code, message) values (%(run_key)s, %(step)s, %(code)s, %(message)s)
on conflict (run_key, step, message) do nothing
