-- Grain: one section. Makes staging.section equal to incoming_sections for the schools in scope (`schools`, or all where
-- `whole`) under the extraction's number `seq`; rows that do not differ are not touched. Of a section that came twice one row
-- is kept. Gives the rows touched.
analyze incoming_sections;

delete from staging.section as s
where (%(whole)s or s.school_number = any(%(schools)s))
    and not exists (select from incoming_sections as i where i.section_dcid = s.section_dcid);

merge into staging.section as s
using (
    select distinct on (section_dcid)
        section_dcid, school_number, term_id, course_name, section_number, first_day, last_day
    from incoming_sections
    order by section_dcid, school_number, term_id, course_name, section_number, first_day, last_day
) as i on i.section_dcid = s.section_dcid
when matched and (
    s.school_number, s.term_id, s.course_name, s.section_number, s.first_day, s.last_day
) is distinct from (
    i.school_number, i.term_id, i.course_name, i.section_number, i.first_day, i.last_day
) then update set
    school_number = i.school_number, term_id = i.term_id, course_name = i.course_name,
    section_number = i.section_number, first_day = i.first_day, last_day = i.last_day, seq = %(seq)s
when not matched then insert (
    section_dcid, school_number, term_id, course_name, section_number, first_day, last_day, seq
) values (
    i.section_dcid, i.school_number, i.term_id, i.course_name, i.section_number, i.first_day, i.last_day, %(seq)s
);
