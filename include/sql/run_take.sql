-- One row: whether the run is maintenance's alone now, no step of it being under way. Inputs: %(run_key)s. Until it is given back.
select pg_try_advisory_lock(hashtextextended('passback run', %(run_key)s)) as taken
