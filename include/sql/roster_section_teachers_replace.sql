-- Grain: one teacher of one section. Makes staging.section_teacher equal to incoming_section_teachers for the schools in
-- scope (`schools`, or all where `whole`) under the extraction's number `seq`; a row is its own key, and one that stays is
-- not touched. Gives the rows added.
analyze incoming_section_teachers;

delete from staging.section_teacher as s
where (%(whole)s or s.school_number = any(%(schools)s))
    and not exists (
        select from incoming_section_teachers as i
        where i.school_number = s.school_number
            and i.section_dcid = s.section_dcid
            and i.users_dcid = s.users_dcid
            and i.role = s.role
            and coalesce(i.start_on, '-infinity') = coalesce(s.start_on, '-infinity')
            and coalesce(i.end_on, 'infinity') = coalesce(s.end_on, 'infinity')
    );

insert into staging.section_teacher (
    school_number, section_dcid, users_dcid, role, start_on, end_on, seq
)
select distinct
    i.school_number, i.section_dcid, i.users_dcid, i.role, i.start_on, i.end_on, %(seq)s::bigint
from incoming_section_teachers as i
where not exists (
        select from staging.section_teacher as s
        where i.school_number = s.school_number
            and i.section_dcid = s.section_dcid
            and i.users_dcid = s.users_dcid
            and i.role = s.role
            and coalesce(i.start_on, '-infinity') = coalesce(s.start_on, '-infinity')
            and coalesce(i.end_on, 'infinity') = coalesce(s.end_on, 'infinity')
    );
