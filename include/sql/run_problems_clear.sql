-- Takes out what an earlier attempt of a step kept. Inputs: %(run_key)s, %(step)s.
delete from passback.run_problem where run_key = %(run_key)s and step = %(step)s
