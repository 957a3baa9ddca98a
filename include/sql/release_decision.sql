-- At most one row: the last decision about a release. Inputs: %(run_key)s.
select decision, decided_by, decided_at
from passback.release_decision
where run_key = %(run_key)s
order by decision_id desc
limit 1
