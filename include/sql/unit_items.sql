-- Grain: one item of the unit that has something to send: ours beside the ledger's base, read anew under the lock. `waits`: the item's own
-- change is held; in a release, it is none of the approved ones, or the old value has moved since it was approved. `outdated`: a later run has
-- judged the item otherwise by a later state of its source. `proved`: also by a write that was accepted just before this run was killed.
-- `term_id` is 0 where the section has left the roster since.
-- Inputs: %(run_key)s, %(sections)s.
select
    p.item_key, i.source, i.source_item_id, p.section_dcid, p.users_dcid, coalesce(s.term_id, 0) as term_id, p.action, p.moved, p.state, p.code,
    coalesce(p.proved, (
        select w.kind from passback.item_write as w
        where w.run_key = p.run_key and w.item_key = p.item_key and w.state = 'accepted' order by w.write_id limit 1
    )) as proved,
    i.name, i.due_on, i.total, i.category, i.teacher_category_id, i.seq,
    l.item_key is not null as in_ledger, l.section_dcid as ledger_section_dcid, l.state as ledger_state, l.seq as ledger_seq,
    l.powerschool_assignment_id, l.powerschool_assignment_section_id,
    l.name_sent, l.name_held, l.due_sent, l.due_held, l.total_sent, l.total_held, l.category_sent, l.category_held,
    exists (select from passback.item_write as w where w.item_key = p.item_key and w.kind = 'create' and w.state = 'open') as in_doubt,
    p.item_waits or coalesce(l.unverified and l.section_dcid = p.section_dcid and l.state = 'live', false) or (q.run_key is not null and (
        not coalesce(a.changes, false)
        or (a.base_section_dcid, a.base_name, a.base_due_on, a.base_total, a.base_category)
            is distinct from (l.section_dcid, l.name_sent, l.due_sent, l.total_sent, l.category_sent)
    )) as waits,
    j.run_key is not null and (
        j.codes & ~passback.day_codes() <> 0
        or (j.section_dcid, j.name, j.due_on, j.total, j.category) is distinct from (i.section_dcid, i.name, i.due_on, i.total, i.category)
    ) as outdated
from passback.plan_item as p
join passback.run_item as i on i.run_key = p.run_key and i.item_key = p.item_key
left join staging.section as s on s.section_dcid = p.section_dcid
left join passback.ledger_item as l on l.item_key = p.item_key
left join passback.release as q on q.run_key = p.run_key
left join passback.release_item as a on a.run_key = p.run_key and a.item_key = p.item_key
left join passback.run_item as j on j.item_key = p.item_key and j.run_key = passback.later_run(p.item_key, i.source, i.seq)
where p.run_key = %(run_key)s and p.section_dcid = any(%(sections)s)
order by p.section_dcid, p.item_key
