-- Grain: one student of one PowerSchool section of the run's items: the temporary table enrolled_student, for the facts of scores.
-- Of the student's enrolments one is enough. Inputs: %(run_key)s, %(source)s, %(as_of)s.
create temporary table enrolled_student on commit drop as
select
    e.section_dcid, e.student_number, max(e.student_dcid) as student_dcid,
    bool_or(not e.dropped and e.entry_on <= %(as_of)s::date and %(as_of)s::date < coalesce(e.exit_on, 'infinity')) as is_enrolled
from staging.enrollment as e
where e.section_dcid in (select i.section_dcid from passback.run_item as i where i.run_key = %(run_key)s and i.source = %(source)s)
group by e.section_dcid, e.student_number;

create unique index on enrolled_student (section_dcid, student_number);
analyze enrolled_student;
