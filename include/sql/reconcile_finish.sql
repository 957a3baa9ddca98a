-- Grain: the run; its books are drawn up.
update passback.run set balanced = %(balanced)s, finished_at = clock_timestamp() where run_key = %(run_key)s;
