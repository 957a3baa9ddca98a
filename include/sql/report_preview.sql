-- Grain: one value that would be sent (%(dry_run)s), or that the guard holds until somebody approves it: a field of an item, or a score;
-- `old` is as last delivered. Needs the temporary table `outcome`.
with
told as (
    select *
    from outcome
    where (%(dry_run)s and outcome in ('created', 'updated'))
        or (outcome = 'held' and codes & (select passback.mask('MASS_CHANGE_HELD')) <> 0)
),
planned as (
    select i.item_no, i.item_key, i.name, i.due_on, i.total, i.category, p.action, o.outcome
    from passback.plan_item as p
    join passback.run_item as i using (run_key, item_key)
    left join told as o on o.level = 'item' and o.item_no = i.item_no
    where p.run_key = %(run_key)s
),
item_value as (
    select p.item_no, v.place, '' as student_number, v.field, v.old, v.new, p.outcome
    from planned as p
    left join passback.ledger_item as l on l.item_key = p.item_key and p.action = 'update'
    cross join lateral (values
        (1, 'name', l.name_sent, p.name),
        (2, 'due_date', l.due_sent::text, p.due_on::text),
        (3, 'total', report.score_text(l.total_sent, 0::smallint), report.score_text(p.total, 0::smallint)),
        (4, 'category', l.category_sent, p.category)
    ) as v (place, field, old, new)
    where p.action <> 'scores' and p.outcome is not null and v.old is distinct from v.new
),
score_value as (
    select
        p.item_no, 5 as place, s.student_number, 'score' as field,
        case when s.base_flags is not null then report.score_text(s.base_points, s.base_flags) end as old,
        report.score_text(s.points, s.flags) as new, o.outcome
    from passback.plan_score as s
    join planned as p using (item_key)
    join told as o on o.level = 'score' and o.item_no = p.item_no and o.student_number = s.student_number
    where s.run_key = %(run_key)s
),
changed as (
    select * from item_value
    union all
    select * from score_value
)
select
    report.cell(i.school_number) as school_number,
    i.section_dcid,
    report.cell(s.course_name || ' ' || s.section_number) as section_name,
    report.cell(i.source) as source,
    report.cell(i.source_item_id) as source_item_id,
    report.cell(i.title) as title,
    report.cell(c.student_number) as student_number,
    c.field,
    report.cell(c.old) as old,
    report.cell(c.new) as new,
    c.outcome
from changed as c
join passback.run_item as i on i.run_key = %(run_key)s and i.item_no = c.item_no
left join staging.section as s using (section_dcid)
order by i.school_number collate "C", i.item_no, c.place, c.student_number collate "C";
