-- Grain: one item of which PowerSchool holds an assignment, or the ledger a row, in the sections that were read (temporary table
-- held_assignment). What the ledger does not know becomes its row; what it knows otherwise becomes what PowerSchool holds, field by
-- field; both unverified. Which run delivered it last stays, for that run's read-back. An assignment that is gone is deleted, unless our
-- plugin made another with the same marker in the section.
-- Inputs: %(sections)s that were read, %(users_dcid)s, %(run_key)s, %(seq)s.
insert into passback.item (source, source_item_id)
select distinct source, source_item_id from held_assignment where source is not null order by source, source_item_id
on conflict do nothing;

create temporary table holding on commit drop as
select
    h.section_dcid, h.assignment_id, h.assignment_section_id, h.by_us, h.name, h.due_on, h.total,
    coalesce(l.item_key, i.item_key) as item_key, l.item_key is not null as in_ledger,
    (select min(k.name) from staging.teacher_category as k where k.teacher_category_id = h.category_id) as category,
    h.category_id
from held_assignment as h
left join passback.item as i on i.source = h.source and i.source_item_id = h.source_item_id
left join passback.ledger_item as l on l.section_dcid = h.section_dcid and l.powerschool_assignment_id = h.assignment_id
where coalesce(l.item_key, i.item_key) is not null;

create temporary table gone on commit drop as
select l.item_key, l.section_dcid, l.powerschool_assignment_id, l.state
from passback.ledger_item as l
where l.section_dcid = any(%(sections)s)
    and not exists (select from holding as h where h.in_ledger and h.item_key = l.item_key and h.assignment_id = l.powerschool_assignment_id);

-- Of several assignments with one marker our plugin's with the lowest id is the one; where a run has judged the item, in its section.
create temporary table chosen on commit drop as
select distinct on (h.item_key) h.*, g.item_key is not null as again
from holding as h
left join passback.ledger_item as l on l.item_key = h.item_key
left join gone as g on g.item_key = h.item_key
left join passback.item_status as s on s.item_key = h.item_key
where not h.in_ledger and (l.item_key is null or (g.item_key is not null and h.by_us and h.section_dcid = g.section_dcid))
order by h.item_key, h.section_dcid is not distinct from s.section_dcid desc, h.by_us desc, h.assignment_id, h.assignment_section_id;

insert into passback.ledger_history (item_key, run_key, why, item, scores)
select
    l.item_key, %(run_key)s, 'rebuilt', to_jsonb(l),
    coalesce((select jsonb_agg(to_jsonb(c)) from passback.ledger_score as c where c.item_key = l.item_key), '[]')
from chosen as n
join passback.ledger_item as l using (item_key)
where n.again;

delete from passback.ledger_score as c using chosen as n where n.again and c.item_key = n.item_key;
delete from passback.ledger_item as l using chosen as n where n.again and l.item_key = n.item_key;

with
made as (
    insert into passback.ledger_item (
        item_key, section_dcid, users_dcid, powerschool_assignment_id, powerschool_assignment_section_id, name_sent, name_held,
        due_sent, due_held, total_sent, total_held, category_sent, category_held, confirmed, seq, run_key, created_run_key, unverified
    )
    select
        n.item_key, n.section_dcid, %(users_dcid)s, n.assignment_id, n.assignment_section_id, n.name, n.name, n.due_on, n.due_on,
        n.total, n.total, c.category, c.category, true, %(seq)s, %(run_key)s, %(run_key)s, true
    from chosen as n
    cross join lateral (select coalesce(n.category, 'category ' || coalesce(n.category_id::text, 'unknown')) as category) as c
    order by n.item_key
    on conflict (item_key) do nothing
    returning item_key, powerschool_assignment_id
)
insert into difference
select n.item_key, n.section_dcid, n.assignment_id, 'item', '', 'not in the ledger', '', n.name
from chosen as n
join made as m on m.item_key = n.item_key and m.powerschool_assignment_id = n.assignment_id;

insert into difference
select g.item_key, g.section_dcid, g.powerschool_assignment_id, 'item', '', 'gone', l.name_held, ''
from gone as g
join passback.ledger_item as l on l.item_key = g.item_key and l.powerschool_assignment_id = g.powerschool_assignment_id
where g.state = 'live';

update passback.ledger_item as l
set state = 'deleted', seq = greatest(l.seq, %(seq)s), updated_at = clock_timestamp()
from gone as g
where l.item_key = g.item_key and l.powerschool_assignment_id = g.powerschool_assignment_id and l.state = 'live';

create temporary table edited on commit drop as
select h.*, coalesce(h.category, l.category_held) as category_now
from holding as h
join passback.ledger_item as l using (item_key)
where h.in_ledger and (
    (l.name_held, l.due_held, l.total_held, l.category_held)
        is distinct from (h.name, h.due_on, h.total, coalesce(h.category, l.category_held))
    or l.state = 'deleted'
);

insert into difference
select
    e.item_key, e.section_dcid, e.assignment_id, 'item', '',
    case when l.state = 'deleted' then 'there again' else 'differs' end,
    concat_ws('; ',
        case when l.name_held <> e.name then 'name: ' || l.name_held end,
        case when l.due_held <> e.due_on then 'due: ' || l.due_held end,
        case when l.total_held <> e.total then 'total: ' || report.score_text(l.total_held, 0::smallint) end,
        case when l.category_held <> e.category_now then 'category: ' || l.category_held end),
    concat_ws('; ',
        case when l.name_held <> e.name then 'name: ' || e.name end,
        case when l.due_held <> e.due_on then 'due: ' || e.due_on end,
        case when l.total_held <> e.total then 'total: ' || report.score_text(e.total, 0::smallint) end,
        case when l.category_held <> e.category_now then 'category: ' || e.category_now end)
from edited as e
join passback.ledger_item as l using (item_key);

update passback.ledger_item as l
set name_sent = case when l.name_held = e.name then l.name_sent else e.name end,
    due_sent = case when l.due_held = e.due_on then l.due_sent else e.due_on end,
    total_sent = case when l.total_held = e.total then l.total_sent else e.total end,
    category_sent = case when l.category_held = e.category_now then l.category_sent else e.category_now end,
    name_held = e.name, due_held = e.due_on, total_held = e.total, category_held = e.category_now,
    state = 'live', confirmed = true, unverified = true, seq = greatest(l.seq, %(seq)s),
    updated_at = clock_timestamp()
from edited as e
where l.item_key = e.item_key;

update passback.ledger_item as l
set powerschool_assignment_section_id = h.assignment_section_id
from holding as h
where h.in_ledger and l.item_key = h.item_key and l.powerschool_assignment_section_id is distinct from h.assignment_section_id;
