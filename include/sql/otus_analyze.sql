-- Refreshes what the planner knows of the tables staging.otus_*: after a large extraction it would guess, and autovacuum comes late.
analyze staging.otus_user, staging.otus_student, staging.otus_class, staging.otus_assessment, staging.otus_assignment,
    staging.otus_score;
