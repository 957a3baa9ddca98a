-- Grain: the rebuild's run; it has come to its end. Inputs: %(run_key)s.
update passback.run set finished_at = clock_timestamp() where run_key = %(run_key)s
