-- Refreshes what the planner knows of the tables staging.schoology_*: after a large extraction it would guess, and autovacuum comes late.
analyze staging.schoology_section, staging.schoology_item, staging.schoology_grade, staging.schoology_enrollment,
    staging.schoology_category, staging.schoology_grading_period;
