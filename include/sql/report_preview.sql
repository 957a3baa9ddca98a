-- Grain: one value that would be sent (%(dry_run)s), or that the guard holds until somebody approves it: a field of an item, or a score;
-- `old` is as last delivered. Needs the temporary table `outcome`.
with
told as (
    select *
    from outcome
    where (%(dry_run)s and outcome in ('created', 'updated'))
        or (outcome = 'held' and codes & (select passback.mask('MASS_CHANGE_HELD') | passback.mask('UNVERIFIED')) <> 0)
),
planned_item as (
    select
        o.item_no, o.outcome, l.name_sent, l.due_sent, l.total_sent, l.category_sent, i.name, i.due_on, i.total, i.category
    from told as o
    join passback.run_item as i on i.run_key = %(run_key)s and i.item_no = o.item_no
    join passback.plan_item as p on p.run_key = i.run_key and p.item_key = i.item_key and p.action <> 'scores'
    left join passback.ledger_item as l on l.item_key = p.item_key and p.action = 'update'
    where o.level = 'item' and o.outcome <> 'held'
    union all
    select
        o.item_no, o.outcome, b.base_name, b.base_due_on, b.base_total, b.base_category, h.name, h.due_on, h.total, h.category
    from told as o
    join passback.held_item as h on h.run_key = %(run_key)s and h.item_key = o.item_key
    left join passback.held_item as b on b.run_key = h.run_key and b.item_key = h.item_key and b.action = 'update'
    where o.level = 'item' and o.outcome = 'held'
),
item_value as (
    select p.item_no, v.place, '' as student_number, v.field, v.old, v.new, p.outcome
    from planned_item as p
    cross join lateral (values
        (1, 'name', p.name_sent, p.name),
        (2, 'due_date', p.due_sent::text, p.due_on::text),
        (3, 'total', report.score_text(p.total_sent, 0::smallint), report.score_text(p.total, 0::smallint)),
        (4, 'category', p.category_sent, p.category)
    ) as v (place, field, old, new)
    where v.old is distinct from v.new
),
planned_score as (
    select item_key, student_number, base_points, base_flags, points, flags, false as waits
    from passback.plan_score
    where run_key = %(run_key)s
    union all
    select item_key, student_number, base_points, base_flags, points, flags, true
    from passback.held_score
    where run_key = %(run_key)s and action <> 'resend'
),
score_value as (
    select
        o.item_no, 5 as place, s.student_number, 'score' as field,
        case when s.base_flags is not null then report.score_text(s.base_points, s.base_flags) end as old,
        report.score_text(s.points, s.flags) as new, o.outcome
    from told as o
    join planned_score as s on s.item_key = o.item_key and s.student_number = o.student_number and s.waits = (o.outcome = 'held')
    where o.level = 'score'
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
