-- Grain: one waiting change, in the columns of unverified.csv. Needs the temporary tables waiting_item and waiting_score.
select
    i.source, report.cell(i.source_item_id) as source_item_id, report.cell(w.school_number) as school_number, w.section_dcid,
    report.cell(w.title) as title, w.powerschool_assignment_id as assignment_id, report.cell(w.student_number) as student_number, w.level,
    report.cell(w.powerschool) as powerschool, report.cell(w.source_value) as source_value
from (
    select
        item_key, school_number, section_dcid, title, powerschool_assignment_id, '' as student_number, 'item' as level,
        concat_ws('; ',
            case when name <> name_sent then 'name: ' || name_held end,
            case when due_on <> due_sent then 'due: ' || due_held end,
            case when total <> total_sent then 'total: ' || report.score_text(total_held, 0::smallint) end,
            case when category <> category_sent then 'category: ' || category_held end) as powerschool,
        concat_ws('; ',
            case when name <> name_sent then 'name: ' || name end,
            case when due_on <> due_sent then 'due: ' || due_on end,
            case when total <> total_sent then 'total: ' || report.score_text(total, 0::smallint) end,
            case when category <> category_sent then 'category: ' || category end) as source_value
    from waiting_item
    union all
    select
        item_key, school_number, section_dcid, title, powerschool_assignment_id, student_number, 'score',
        coalesce(nullif(report.score_text(points_held, flags_held), ''), 'no score'), report.score_text(points, flags)
    from waiting_score
) as w
join passback.item as i using (item_key)
order by w.section_dcid, i.source, i.source_item_id collate "C", w.level, w.student_number collate "C"
