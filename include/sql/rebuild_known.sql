-- Grain: one assignment that the ledger holds in these sections. Inputs: %(sections)s.
select section_dcid, powerschool_assignment_id as assignment_id
from passback.ledger_item
where section_dcid = any(%(sections)s)
