-- Grain: one Schoology grade. Brings incoming_grades into staging.schoology_grade under the extraction's number `seq`; rows that do not
-- differ are not touched. A grade names its item by either of its ids. Grades of unknown items and of final-grade columns are left out;
-- which items those are is kept. What a whole listing lacks is deleted. Inputs: %(seq)s; %(section_ids)s that were read, by which the
-- table's rows are found: it is too large to be read for each chunk. Gives the rows touched.
analyze incoming_grades, incoming_listing;

create temporary table known_grades on commit drop as
select g.*, coalesce(own.id, other.id) as item_id, g.is_final or coalesce(own.is_final, other.is_final, false) as of_final_column
from incoming_grades as g
left join staging.schoology_item as own on own.id = g.section_id || ':' || g.assignment_id
left join lateral (
    select i.id, i.is_final from staging.schoology_item as i
    where own.id is null and i.section_id = g.section_id and i.other_id = g.assignment_id
    order by i.id
    limit 1
) as other on true;

delete from staging.schoology_left_out as o
using incoming_listing as l
where l.collection = 'grades' and l.whole and o.section_id = l.section_id;

insert into staging.schoology_left_out (section_id, grade_item_id)
select distinct section_id, assignment_id from known_grades where item_id is null or (of_final_column and not is_final)
on conflict (section_id, grade_item_id) do nothing;

insert into placed_grades (id, source_id, invalid, section_id, item_id, enrollment_id, grade, grade_unreadable, exception, changed_at)
select distinct on (id)
    item_id || ':' || enrollment_id as id, source_id, invalid, section_id, item_id, enrollment_id, grade, grade_unreadable, exception,
    changed_at
from known_grades
where item_id is not null and not of_final_column
order by id, changed_at desc nulls last, source_id;

drop table known_grades;
analyze placed_grades;

delete from staging.quarantine as q
using incoming_listing as l
where l.collection = 'grades'
    and q.source = 'schoology' and q.collection = l.collection and q.section_id = l.section_id
    and (l.whole or q.source_id = '' or exists (select from placed_grades as p where p.id = q.source_id));

insert into staging.quarantine (source, collection, section_id, seq, place, source_id, field, found_type, reason)
select 'schoology', n.collection, n.section_id, %(seq)s, n.place, coalesce(p.id, ''), n.field, n.found_type, n.reason
from incoming_quarantine as n
left join placed_grades as p on p.source_id = n.source_id
where n.collection = 'grades' and (n.source_id = '' or p.id is not null)
order by n.position;

update staging.schoology_grade as s
set deleted = true, invalid = null, seq = %(seq)s
from incoming_listing as l
where l.collection = 'grades' and l.whole and s.section_id = l.section_id and not s.deleted
    and s.section_id = any(%(section_ids)s::text[])
    and not exists (select from placed_grades as p where p.id = s.id)
    and not exists (select from staging.schoology_item as i where i.id = s.item_id and i.is_final);

merge into staging.schoology_grade as s
using placed_grades as i on i.id = s.id and s.section_id = any(%(section_ids)s::text[])
when matched and (
    s.deleted, s.invalid, s.grade, s.grade_unreadable, s.exception, s.changed_at
) is distinct from (
    false, i.invalid, i.grade, i.grade_unreadable, i.exception, i.changed_at
) then update set
    deleted = false, invalid = i.invalid, seq = %(seq)s, grade = i.grade, grade_unreadable = i.grade_unreadable,
    exception = i.exception, changed_at = i.changed_at
when not matched then insert (
    id, seq, invalid, section_id, item_id, enrollment_id, grade, grade_unreadable, exception, changed_at
) values (
    i.id, %(seq)s, i.invalid, i.section_id, i.item_id, i.enrollment_id, i.grade, i.grade_unreadable, i.exception, i.changed_at
)
