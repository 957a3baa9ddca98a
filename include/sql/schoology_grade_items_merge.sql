-- Grain: one Schoology grade item. Brings incoming_grade_items into staging.schoology_item under the extraction's number `seq`; rows that
-- do not differ are not touched. What a whole listing lacks is deleted. Gives the rows touched.
analyze incoming_grade_items;

delete from staging.quarantine as q
using incoming_listing as l
where l.collection = 'grade_items'
    and q.source = 'schoology' and q.collection = l.collection and q.section_id = l.section_id
    and (l.whole or q.source_id = '' or exists (select from incoming_grade_items as i where i.id = q.source_id));

insert into staging.quarantine (source, collection, section_id, seq, place, source_id, field, found_type, reason)
select 'schoology', n.collection, n.section_id, %(seq)s, n.place, n.source_id, n.field, n.found_type, n.reason
from incoming_quarantine as n
where n.collection = 'grade_items'
order by n.position;

update staging.schoology_item as s
set deleted = true, invalid = null, seq = %(seq)s
from incoming_listing as l
where l.collection = 'grade_items' and l.whole and s.section_id = l.section_id and not s.deleted
    and not exists (select from incoming_grade_items as i where i.id = s.id);

merge into staging.schoology_item as s
using incoming_grade_items as i on i.id = s.id
when matched and (
    s.deleted, s.invalid, s.other_id, s.title, s.kind, s.due_on, s.grading_scale, s.grading_period, s.grading_category, s.max_points,
    s.is_final, s.published, s.count_in_grade, s.collected_only, s.assignees
) is distinct from (
    false, i.invalid, i.other_id, i.title, i.kind, i.due_on, i.grading_scale, i.grading_period, i.grading_category, i.max_points,
    i.is_final, i.published, i.count_in_grade, i.collected_only, i.assignees
) then update set
    deleted = false, invalid = i.invalid, seq = %(seq)s, other_id = i.other_id, title = i.title, kind = i.kind, due_on = i.due_on,
    grading_scale = i.grading_scale, grading_period = i.grading_period, grading_category = i.grading_category,
    max_points = i.max_points, is_final = i.is_final, published = i.published, count_in_grade = i.count_in_grade,
    collected_only = i.collected_only, assignees = i.assignees
when not matched then insert (
    id, seq, invalid, section_id, grade_item_id, other_id, title, kind, due_on, grading_scale, grading_period, grading_category,
    max_points, is_final, published, count_in_grade, collected_only, assignees
) values (
    i.id, %(seq)s, i.invalid, i.section_id, i.grade_item_id, i.other_id, i.title, i.kind, i.due_on, i.grading_scale, i.grading_period,
    i.grading_category, i.max_points, i.is_final, i.published, i.count_in_grade, i.collected_only, i.assignees
)
