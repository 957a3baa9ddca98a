-- One row: whether a step has left a problem. Inputs: %(run_key)s, %(step)s.
select exists (select from passback.run_problem where run_key = %(run_key)s and step = %(step)s) as found
