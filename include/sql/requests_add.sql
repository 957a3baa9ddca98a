-- Adds a task's HTTP requests to the run's. Inputs: %(run_key)s, %(system)s, %(step)s, %(total)s, %(retried)s, %(throttled)s.
insert into passback.run_requests as r (run_key, system, step, total, retried, throttled)
values (%(run_key)s, %(system)s, %(step)s, %(total)s, %(retried)s, %(throttled)s)
on conflict (run_key, system, step) do update set
    total = r.total + excluded.total, retried = r.retried + excluded.retried, throttled = r.throttled + excluded.throttled
