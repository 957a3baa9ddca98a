-- depends: 0011_score_digits
-- Grain: one query of the roster in one school that has rows of it. How many it has.

create view staging.roster_size as
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
select 'grading_periods', school_number, count(*) from staging.grading_period group by school_number;
