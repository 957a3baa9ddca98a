-- One row: the code that stopped the run, or null. Inputs: %(run_key)s.
select stopped_by from passback.run where run_key = %(run_key)s
