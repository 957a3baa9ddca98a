-- One row: the last item number that the run has given. Inputs: %(run_key)s.
select coalesce(max(item_no), 0) as last from passback.run_item where run_key = %(run_key)s
