-- Grain: one difference that a unit's reading found between ledger and PowerSchool, in the columns of rebuild.csv.
select
    i.source, report.cell(i.source_item_id) as source_item_id, d.section_dcid, d.assignment_id, report.cell(d.student_number) as student_number,
    d.level, d.what, report.cell(d.ledger) as ledger, report.cell(d.powerschool) as powerschool
from difference as d
join passback.item as i using (item_key)
order by d.section_dcid, i.source, i.source_item_id collate "C", d.level, d.student_number collate "C"
