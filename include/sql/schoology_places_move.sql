-- Grain: one Schoology section that was read. Moves its place, in the transaction of the rows that it stands for; what was not read, or
-- did not come whole, stays where it was. Inputs: %(seq)s; the temporary table incoming_place.
insert into passback.schoology_place as p (
    section_id, grades_since, items_read_at, swept_at, enrollments_read_at, categories_read_at, periods_read_at, seq
)
select section_id, grades_since, items_read_at, swept_at, enrollments_read_at, categories_read_at, periods_read_at, %(seq)s
from incoming_place
on conflict (section_id) do update set
    grades_since = coalesce(excluded.grades_since, p.grades_since),
    items_read_at = coalesce(excluded.items_read_at, p.items_read_at),
    swept_at = coalesce(excluded.swept_at, p.swept_at),
    enrollments_read_at = coalesce(excluded.enrollments_read_at, p.enrollments_read_at),
    categories_read_at = coalesce(excluded.categories_read_at, p.categories_read_at),
    periods_read_at = coalesce(excluded.periods_read_at, p.periods_read_at),
    seq = excluded.seq
