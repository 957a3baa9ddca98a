-- Grain: one Schoology enrolment. Brings incoming_enrollments into staging.schoology_enrollment under the extraction's number `seq`; rows
-- that do not differ are not touched. What a whole listing lacks is deleted. Gives the rows touched.
delete from staging.quarantine as q
using incoming_listing as l
where l.collection = 'enrollments'
    and q.source = 'schoology' and q.collection = l.collection and q.section_id = l.section_id
    and (l.whole or q.source_id = '' or exists (select from incoming_enrollments as i where i.id = q.source_id));

insert into staging.quarantine (source, collection, section_id, seq, place, source_id, field, found_type, reason)
select 'schoology', n.collection, n.section_id, %(seq)s, n.place, n.source_id, n.field, n.found_type, n.reason
from incoming_quarantine as n
where n.collection = 'enrollments'
order by n.position;

update staging.schoology_enrollment as s
set deleted = true, invalid = null, seq = %(seq)s
from incoming_listing as l
where l.collection = 'enrollments' and l.whole and s.section_id = l.section_id and not s.deleted
    and not exists (select from incoming_enrollments as i where i.id = s.id);

merge into staging.schoology_enrollment as s
using (
    select distinct on (id) id, invalid, section_id, student_number, admin, status from incoming_enrollments order by id, section_id
) as i on i.id = s.id
when matched and (
    s.deleted, s.invalid, s.section_id, s.student_number, s.admin, s.status
) is distinct from (
    false, i.invalid, i.section_id, i.student_number, i.admin, i.status
) then update set
    deleted = false, invalid = i.invalid, seq = %(seq)s, section_id = i.section_id, student_number = i.student_number,
    admin = i.admin, status = i.status
when not matched then insert (
    id, seq, invalid, section_id, student_number, admin, status
) values (
    i.id, %(seq)s, i.invalid, i.section_id, i.student_number, i.admin, i.status
)
