-- Grain: one stay of a student in a section. Makes staging.enrollment equal to incoming_enrollments for the schools in scope
-- (`schools`, or all where `whole`) under the extraction's number `seq`; a row is its own key, and one that stays is not
-- touched. Gives the rows added.
analyze incoming_enrollments;

delete from staging.enrollment as s
where (%(whole)s or s.school_number = any(%(schools)s))
    and not exists (
        select from incoming_enrollments as i
        where i.school_number = s.school_number
            and i.section_dcid = s.section_dcid
            and i.student_dcid = s.student_dcid
            and i.student_number = s.student_number
            and i.entry_on = s.entry_on
            and coalesce(i.exit_on, 'infinity') = coalesce(s.exit_on, 'infinity')
            and i.dropped = s.dropped
    );

insert into staging.enrollment (
    school_number, section_dcid, student_dcid, student_number, entry_on, exit_on, dropped, seq
)
select distinct
    i.school_number, i.section_dcid, i.student_dcid, i.student_number, i.entry_on, i.exit_on, i.dropped,
    %(seq)s::bigint
from incoming_enrollments as i
where not exists (
        select from staging.enrollment as s
        where i.school_number = s.school_number
            and i.section_dcid = s.section_dcid
            and i.student_dcid = s.student_dcid
            and i.student_number = s.student_number
            and i.entry_on = s.entry_on
            and coalesce(i.exit_on, 'infinity') = coalesce(s.exit_on, 'infinity')
            and i.dropped = s.dropped
    );
