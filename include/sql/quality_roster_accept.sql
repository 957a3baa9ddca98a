-- Grain: one query of one school. What the roster of the extraction `seq` has becomes the measure of the next ones of its school year.
delete from passback.accepted_roster
where year_first_day = %(year_first_day)s
    and (%(schools)s::text[] is null or school_number = any(%(schools)s::text[]));

insert into passback.accepted_roster (year_first_day, school_number, query, row_count, seq)
select %(year_first_day)s, s.school_number, s.query, s.row_count, %(seq)s
from (
    select 'schools' as query, school_number, count(*) as row_count from staging.school group by school_number
    union all
    select 'sections', school_number, count(*) from staging.section group by school_number
    union all
    select 'section_teachers', school_number, count(*) from staging.section_teacher group by school_number
    union all
    select 'teacher_categories', school_number, count(*) from staging.teacher_category group by school_number
    union all
    select 'enrollments', school_number, count(*) from staging.enrollment group by school_number
    union all
    select 'grading_periods', school_number, count(*) from staging.grading_period group by school_number
) as s
where %(schools)s::text[] is null or s.school_number = any(%(schools)s::text[]);
