-- One source of the run. Inputs: %(run_key)s, %(source)s, %(state)s, %(reason)s.
update passback.run_source set state = %(state)s, reason = %(reason)s where run_key = %(run_key)s and source = %(source)s
