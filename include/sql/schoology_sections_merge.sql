-- Grain: one Schoology section. Brings incoming_sections into staging.schoology_section under the extraction's number `seq`. A section
-- whose code was asked for, in a listing that came whole (incoming_code), and that did not come, is found no longer.
-- Inputs: %(seq)s; %(everything)s: all codes of the roster were asked for. Gives the rows touched.
delete from staging.quarantine as q
where q.source = 'schoology' and q.collection = 'sections'
    and ((%(everything)s and q.source_id = '') or exists (select from incoming_sections as i where i.id = q.source_id));

insert into staging.quarantine (source, collection, section_id, seq, place, source_id, field, found_type, reason)
select 'schoology', n.collection, n.source_id, %(seq)s, n.place, n.source_id, n.field, n.found_type, n.reason
from incoming_quarantine as n
where n.collection = 'sections'
order by n.position;

update staging.schoology_section as s
set deleted = true, invalid = null, seq = %(seq)s
where not s.deleted
    and exists (select from incoming_code as c where c.code = s.section_dcid::text)
    and not exists (select from incoming_sections as i where i.id = s.id);

merge into staging.schoology_section as s
using (
    select
        i.id, i.invalid, coalesce(i.section_school_code, o.section_school_code, '') as section_school_code,
        passback.dcid(coalesce(i.section_school_code, o.section_school_code)) as section_dcid, i.active, i.grading_periods
    from incoming_sections as i
    left join staging.schoology_section as o on o.id = i.id
) as i on i.id = s.id
when matched and (
    s.deleted, s.invalid, s.section_school_code, s.section_dcid, s.active, s.grading_periods
) is distinct from (
    false, i.invalid, i.section_school_code, i.section_dcid, i.active, i.grading_periods
) then update set
    deleted = false, invalid = i.invalid, seq = %(seq)s, section_school_code = i.section_school_code, section_dcid = i.section_dcid,
    active = i.active, grading_periods = i.grading_periods
when not matched then insert (
    id, seq, invalid, section_school_code, section_dcid, active, grading_periods
) values (
    i.id, %(seq)s, i.invalid, i.section_school_code, i.section_dcid, i.active, i.grading_periods
)
