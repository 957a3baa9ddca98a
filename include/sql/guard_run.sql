-- At most one row: what the guard must know of the run whose plan it looks at. Inputs: %(run_key)s.
select as_of from passback.run where run_key = %(run_key)s
