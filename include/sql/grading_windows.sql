-- Grain: one reporting term that counts for a (school, term) of the sections. Its own terms, or the school's where it has none.
-- Inputs: %(store_codes)s that count, %(as_of)s. The current grading period is one of these.
with
pairs as (
    select distinct school_number, term_id from staging.section
),
counting as (
    select school_number, term_id, store_code, first_day, last_day
    from staging.grading_period
    where store_code = any(%(store_codes)s)
),
own as (
    select p.school_number, p.term_id, c.store_code, c.first_day, c.last_day
    from pairs as p
    join counting as c using (school_number, term_id)
),
chosen as (
    select * from own
    union
    select p.school_number, p.term_id, c.store_code, c.first_day, c.last_day
    from pairs as p
    join counting as c using (school_number)
    where not exists (select from own as o where o.school_number = p.school_number and o.term_id = p.term_id)
)
select
    school_number, term_id, store_code, first_day, last_day,
    %(as_of)s::date between first_day and last_day as is_current,
    last_day < %(as_of)s::date as ended
from chosen
order by school_number, term_id, first_day, store_code
