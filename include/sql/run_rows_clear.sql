-- Takes out what an earlier evaluation of this run kept of the source, and opens the run again. Inputs: %(run_key)s, %(source)s.
update passback.run set finished_at = null, balanced = null where run_key = %(run_key)s;
delete from passback.run_score where run_key = %(run_key)s and source = %(source)s;
delete from passback.run_item where run_key = %(run_key)s and source = %(source)s
