-- Grain: one teacher's copy of a category. Inputs: %(ids)s: teachercategoryids.
select distinct teacher_category_id as id, name from staging.teacher_category where teacher_category_id = any(%(ids)s)
