-- Grain: one change that the last run of its item (a preview counts) held as UNVERIFIED, and whose ledger row is still as it was shown.
-- Makes the temporary tables waiting_item and waiting_score. Inputs: %(sections)s or null for all.
create temporary table last_judged on commit drop as
select distinct on (u.item_key) u.item_key, i.run_key, i.title, i.school_number, i.section_dcid
from (
    select item_key from passback.ledger_item where unverified
    union
    select item_key from passback.ledger_score where unverified
) as u
join passback.run_item as i using (item_key)
order by u.item_key, i.run_key desc;

create temporary table waiting_item on commit drop as
select
    j.item_key, j.title, j.school_number, j.section_dcid, l.powerschool_assignment_id, l.name_held, l.due_held, l.total_held, l.category_held,
    l.name_sent, l.due_sent, l.total_sent, l.category_sent, h.name, h.due_on, h.total, h.category
from last_judged as j
join passback.held_item as h on h.run_key = j.run_key and h.item_key = j.item_key and h.code = 'UNVERIFIED'
join passback.ledger_item as l on l.item_key = j.item_key and l.unverified
where (l.name_sent, l.due_sent, l.total_sent, l.category_sent) = (h.base_name, h.base_due_on, h.base_total, h.base_category)
    and (%(sections)s::bigint[] is null or j.section_dcid = any(%(sections)s::bigint[]));

create temporary table waiting_score on commit drop as
select
    j.item_key, j.title, j.school_number, j.section_dcid, l.powerschool_assignment_id, c.student_number,
    c.points_held, c.flags_held, h.points, h.flags
from last_judged as j
join passback.held_score as h
    on h.run_key = j.run_key and h.item_key = j.item_key and h.code = 'UNVERIFIED' and h.action = 'update'
join passback.ledger_item as l on l.item_key = j.item_key
join passback.ledger_score as c on c.item_key = h.item_key and c.student_number = h.student_number and c.unverified
where (c.points_sent, c.flags_sent) is not distinct from (h.base_points, h.base_flags)
    and (%(sections)s::bigint[] is null or j.section_dcid = any(%(sections)s::bigint[]));
