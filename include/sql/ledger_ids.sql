-- Grain: one item of the ledger whose assignmentsectionid, and text as PowerSchool keeps it, a listing has told.
-- Inputs: %(ids)s: a JSON array of {item_key, assignment_section_id, name_held}.
update passback.ledger_item as l
set powerschool_assignment_section_id = s.assignment_section_id, name_held = s.name_held
from jsonb_to_recordset(%(ids)s::jsonb) as s(item_key bigint, assignment_section_id bigint, name_held text)
where l.item_key = s.item_key
