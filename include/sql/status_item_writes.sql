-- Grain: one of the last writes of the item to PowerSchool, the newest first. Inputs: %(item_key)s, %(rows)s.
select r.dag_id, r.run_id, w.kind, w.state, w.code, w.message, w.attempts, w.opened_at, w.settled_at
from passback.item_write as w
join passback.run as r using (run_key)
where w.item_key = %(item_key)s
order by w.write_id desc
limit %(rows)s
