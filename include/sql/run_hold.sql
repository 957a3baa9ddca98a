-- One row: whether this connection keeps the run from maintenance now; several may. Inputs: %(run_key)s. Until the connection ends.
select pg_try_advisory_lock_shared(hashtextextended('passback run', %(run_key)s)) as held
