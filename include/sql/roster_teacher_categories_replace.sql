-- Grain: one teacher's copy of a category, per school of the teacher. Makes staging.teacher_category equal to
-- incoming_teacher_categories for the schools in scope (`schools`, or all where `whole`) under the extraction's number `seq`;
-- a row is its own key, and one that stays is not touched. Gives the rows added.
analyze incoming_teacher_categories;

delete from staging.teacher_category as s
where (%(whole)s or s.school_number = any(%(schools)s))
    and not exists (
        select from incoming_teacher_categories as i
        where i.school_number = s.school_number
            and i.users_dcid = s.users_dcid
            and i.teacher_category_id = s.teacher_category_id
            and i.name = s.name
            and i.is_active = s.is_active
    );

insert into staging.teacher_category (
    school_number, users_dcid, teacher_category_id, name, is_active, seq
)
select distinct
    i.school_number, i.users_dcid, i.teacher_category_id, i.name, i.is_active, %(seq)s::bigint
from incoming_teacher_categories as i
where not exists (
        select from staging.teacher_category as s
        where i.school_number = s.school_number
            and i.users_dcid = s.users_dcid
            and i.teacher_category_id = s.teacher_category_id
            and i.name = s.name
            and i.is_active = s.is_active
    );
