-- Refreshes what the planner knows of the roster's tables: after a large extraction it would guess, and autovacuum comes late.
analyze staging.school, staging.section, staging.section_teacher, staging.teacher_category, staging.enrollment,
    staging.grading_period;
