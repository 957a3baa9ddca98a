-- Grain: one reporting term of a school's term. Makes staging.grading_period equal to incoming_grading_periods for the
-- schools in scope (`schools`, or all where `whole`) under the extraction's number `seq`; a row is its own key, and one that
-- stays is not touched. Gives the rows added.
analyze incoming_grading_periods;

delete from staging.grading_period as s
where (%(whole)s or s.school_number = any(%(schools)s))
    and not exists (
        select from incoming_grading_periods as i
        where i.school_number = s.school_number
            and i.term_id = s.term_id
            and i.store_code = s.store_code
            and i.first_day = s.first_day
            and i.last_day = s.last_day
    );

insert into staging.grading_period (
    school_number, term_id, store_code, first_day, last_day, seq
)
select distinct
    i.school_number, i.term_id, i.store_code, i.first_day, i.last_day, %(seq)s::bigint
from incoming_grading_periods as i
where not exists (
        select from staging.grading_period as s
        where i.school_number = s.school_number
            and i.term_id = s.term_id
            and i.store_code = s.store_code
            and i.first_day = s.first_day
            and i.last_day = s.last_day
    );
