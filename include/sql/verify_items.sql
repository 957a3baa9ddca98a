-- Grain: one item that the run created or updated in these sections, with its last accepted write. Inputs: %(run_key)s, %(sections)s.
select distinct on (w.item_key)
    w.item_key, w.write_id, w.kind, w.before, w.attempted, l.powerschool_assignment_id, l.powerschool_assignment_section_id
from passback.item_write as w
join passback.plan_item as p on p.run_key = w.run_key and p.item_key = w.item_key and p.proved is not null and p.confirmed is null
join passback.ledger_item as l on l.item_key = w.item_key and l.run_key = w.run_key
where w.run_key = %(run_key)s and w.section_dcid = any(%(sections)s) and w.state = 'accepted'
order by w.item_key, w.write_id desc
