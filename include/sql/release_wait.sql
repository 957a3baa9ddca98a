-- One release: until when it waits. Inputs: %(run_key)s, %(waits_until)s.
update passback.release set waits_until = %(waits_until)s where run_key = %(run_key)s
