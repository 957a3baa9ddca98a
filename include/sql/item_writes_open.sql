-- Grain: one write of an item, on record before it is sent. Gives the write ids by item. Inputs: %(writes)s: a JSON array of objects.
insert into passback.item_write (run_key, item_key, section_dcid, users_dcid, kind, before, attempted, powerschool_assignment_id)
select w.run_key, w.item_key, w.section_dcid, w.users_dcid, w.kind, w.before, w.attempted, w.powerschool_assignment_id
from jsonb_to_recordset(%(writes)s::jsonb) as w(
    run_key bigint, item_key bigint, section_dcid bigint, users_dcid bigint, kind text, before jsonb, attempted jsonb,
    powerschool_assignment_id bigint
)
returning item_key, write_id
