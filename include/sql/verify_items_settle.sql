-- Grain: one item of a section, as its read-back says. A mismatch takes base back: a create leaves the ledger, an update its old values.
-- Where another run has written over the item since, its read-back answers for both: this one's write is confirmed.
-- Inputs: %(run_key)s, %(sections)s that were read, %(verdicts)s: a JSON array of {item_key, write_id, mismatch, warnings, held, theirs}.
create temporary table read_back on commit drop as
select v.item_key, v.write_id, v.mismatch, v.warnings, v.held, v.theirs, w.kind, w.attempted, w.before
from jsonb_to_recordset(%(verdicts)s::jsonb) as v(
    item_key bigint, write_id bigint, mismatch boolean, warnings bigint, held jsonb, theirs text
)
join passback.item_write as w using (write_id);

update passback.plan_item as p
set confirmed = not v.mismatch,
    state = case when v.mismatch then 'refused' else p.state end,
    code = case when v.mismatch then 'VERIFY_MISMATCH' else p.code end,
    warnings = p.warnings | v.warnings,
    value_sis_before = coalesce(nullif(v.theirs, ''), p.value_sis_before)
from read_back as v
where p.run_key = %(run_key)s and p.item_key = v.item_key;

update passback.ledger_item as l
set confirmed = true,
    name_held = coalesce(v.held ->> 'name', l.name_held),
    due_held = coalesce((v.held ->> 'due_on')::date, l.due_held),
    total_held = coalesce((v.held ->> 'total')::double precision, l.total_held),
    category_held = coalesce(v.held ->> 'category', l.category_held)
from read_back as v
where l.item_key = v.item_key and not v.mismatch;

update passback.ledger_item as l
set name_sent = v.before ->> 'name', due_sent = (v.before ->> 'due_on')::date,
    total_sent = (v.before ->> 'total')::double precision, category_sent = v.before ->> 'category', confirmed = false
from read_back as v
where l.item_key = v.item_key and v.mismatch and v.kind = 'update';

delete from passback.ledger_score as s using read_back as v where s.item_key = v.item_key and v.mismatch and v.kind = 'create';

delete from passback.ledger_item as l using read_back as v where l.item_key = v.item_key and v.mismatch and v.kind = 'create';

update passback.plan_item as p
set confirmed = true
from passback.ledger_item as l
where p.run_key = %(run_key)s and p.section_dcid = any(%(sections)s) and p.proved is not null and p.confirmed is null
    and l.item_key = p.item_key and l.run_key <> p.run_key;

drop table read_back
