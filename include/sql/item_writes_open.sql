-- Grain: one write of an item, on record before it is sent. Gives the write ids by item. Inputs: %(writes)s: a JSON array of objects.
-- Two runs may want one item in two sections, whose locks are not each other's: of creates of one item one is on record at a time, and none
-- that is older than what the ledger holds by now. What is not put on record has no id, and is not sent.
select pg_advisory_xact_lock(hashtextextended('passback item', w.item_key))
from (
    select w.item_key from jsonb_to_recordset(%(writes)s::jsonb) as w(item_key bigint, kind text) where w.kind = 'create' order by w.item_key
) as w;

insert into passback.item_write (run_key, item_key, section_dcid, users_dcid, kind, before, attempted, powerschool_assignment_id)
select w.run_key, w.item_key, w.section_dcid, w.users_dcid, w.kind, w.before, w.attempted, w.powerschool_assignment_id
from jsonb_to_recordset(%(writes)s::jsonb) as w(
    run_key bigint, item_key bigint, section_dcid bigint, users_dcid bigint, kind text, before jsonb, attempted jsonb,
    powerschool_assignment_id bigint
)
where w.kind <> 'create' or not (
    exists (select from passback.item_write as o where o.item_key = w.item_key and o.kind = 'create' and o.state = 'open')
    or exists (select from passback.ledger_item as l where l.item_key = w.item_key and l.seq > (w.attempted ->> 'seq')::bigint)
)
returning item_key, write_id
