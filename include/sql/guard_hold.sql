-- Grain: one change that waits (`limits` of the temporary tables wanted and planned_score), kept with its old and its new value.
-- Inputs: %(run_key)s.
insert into passback.held_item (
    run_key, item_key, source, action, limits, base_section_dcid, base_name, base_due_on, base_total, base_category,
    section_dcid, name, due_on, total, category
)
select
    %(run_key)s, w.item_key, w.source, w.action, w.limits, l.section_dcid, l.name_sent, l.due_sent, l.total_sent, l.category_sent,
    w.section_dcid, i.name, i.due_on, i.total, i.category
from wanted as w
join passback.run_item as i on i.run_key = %(run_key)s and i.item_key = w.item_key
left join passback.ledger_item as l on l.item_key = w.item_key
where w.limits <> 0 and w.action in ('create', 'update');

insert into passback.held_score (
    run_key, item_key, student_number, source, action, limits, base_points, base_flags, points, flags
)
select %(run_key)s, item_key, student_number, source, action, limits, base_points, base_flags, points, flags
from planned_score
where limits <> 0
