-- Grain: one item of the unit that has something to send: ours beside the ledger's base, read anew under the lock.
-- Inputs: %(run_key)s, %(sections)s.
select
    p.item_key, i.source, i.source_item_id, p.section_dcid, p.users_dcid, s.term_id, p.action, p.moved, p.state, p.proved, p.code,
    i.name, i.due_on, i.total, i.category, i.teacher_category_id, i.seq,
    l.item_key is not null as in_ledger, l.section_dcid as ledger_section_dcid, l.state as ledger_state, l.seq as ledger_seq,
    l.powerschool_assignment_id, l.powerschool_assignment_section_id,
    l.name_sent, l.name_held, l.due_sent, l.due_held, l.total_sent, l.total_held, l.category_sent, l.category_held,
    exists (select from passback.item_write as w where w.item_key = p.item_key and w.kind = 'create' and w.state = 'open') as in_doubt
from passback.plan_item as p
join passback.run_item as i on i.run_key = p.run_key and i.item_key = p.item_key
join staging.section as s on s.section_dcid = p.section_dcid
left join passback.ledger_item as l on l.item_key = p.item_key
where p.run_key = %(run_key)s and p.section_dcid = any(%(sections)s)
order by p.section_dcid, p.item_key
