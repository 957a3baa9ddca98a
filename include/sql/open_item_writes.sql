-- Grain: one write of an item that no answer has settled, in the unit's sections. Inputs: %(sections)s.
select
    w.write_id, w.run_key, w.item_key, i.source, i.source_item_id, w.section_dcid, w.users_dcid, w.kind, w.before, w.attempted,
    w.powerschool_assignment_id, w.opened_at, clock_timestamp() as now
from passback.item_write as w
join passback.item as i using (item_key)
where w.section_dcid = any(%(sections)s) and w.state = 'open'
order by w.write_id
