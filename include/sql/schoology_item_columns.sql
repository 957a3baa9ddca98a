-- Grain: one item of item_facts from %(first)s to %(last)s, the columns that the item rules judge.
select
    n, reason, reads, deleted, school_number, section_dcid, term_id, section_first_day, section_last_day, section_school_code, users_dcid,
    grade_item_id, title, has_older_twin, published, is_final, grading_scale, total, count_in_grade, collected_only, due_date,
    period_title, period_last_day, opted_out, grading_category, category_is_listed, category_title, category, teacher_category_id
from item_facts
where n between %(first)s and %(last)s
order by n
