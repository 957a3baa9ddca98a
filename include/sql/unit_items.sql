-- Grain: one item of the unit that has something to send: ours beside the ledger's base, read anew under the lock. `waits`: the item's own
-- change is held; in a release, it is none of the approved ones, or the old value has moved since it was approved.
-- Inputs: %(run_key)s, %(sections)s.
select
    p.item_key, i.source, i.source_item_id, p.section_dcid, p.users_dcid, s.term_id, p.action, p.moved, p.state, p.proved, p.code,
    i.name, i.due_on, i.total, i.category, i.teacher_category_id, i.seq,
    l.item_key is not null as in_ledger, l.section_dcid as ledger_section_dcid, l.state as ledger_state, l.seq as ledger_seq,
    l.powerschool_assignment_id, l.powerschool_assignment_section_id,
    l.name_sent, l.name_held, l.due_sent, l.due_held, l.total_sent, l.total_held, l.category_sent, l.category_held,
    exists (select from passback.item_write as w where w.item_key = p.item_key and w.kind = 'create' and w.state = 'open') as in_doubt,
    p.item_waits or coalesce(l.unverified and l.section_dcid = p.section_dcid and l.state = 'live', false) or (q.run_key is not null and (
        not coalesce(a.changes, false)
        or (a.base_section_dcid, a.base_name, a.base_due_on, a.base_total, a.base_category)
            is distinct from (l.section_dcid, l.name_sent, l.due_sent, l.total_sent, l.category_sent)
    )) as waits
from passback.plan_item as p
join passback.run_item as i on i.run_key = p.run_key and i.item_key = p.item_key
join staging.section as s on s.section_dcid = p.section_dcid
left join passback.ledger_item as l on l.item_key = p.item_key
left join passback.release as q on q.run_key = p.run_key
left join passback.release_item as a on a.run_key = p.run_key and a.item_key = p.item_key
where p.run_key = %(run_key)s and p.section_dcid = any(%(sections)s)
order by p.section_dcid, p.item_key
