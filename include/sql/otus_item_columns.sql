-- Grain: one item of item_facts from %(first)s to %(last)s, the columns that the item rules judge.
select
    n, reason, deleted, school_number, section_dcid, term_id, section_first_day, section_last_day, sis_section_id, users_dcid,
    assigner_sis_id, assigner_in_group, identifier, title, kind, assessment_type, grading_scale, total, assigned_on, created_on,
    due_date, submission_date, include_in_final_grade, opted_out, category, teacher_category_id
from item_facts
where n between %(first)s and %(last)s
order by n
