-- The run stops: what it has not sent ends with the code. Inputs: %(run_key)s, %(code)s.
update passback.run set stopped_by = coalesce(stopped_by, %(code)s) where run_key = %(run_key)s
