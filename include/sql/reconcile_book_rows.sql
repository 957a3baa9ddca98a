-- Grain: one source, school and level of the run's books.
select source, school_number, level, staged, created, updated, unchanged, skipped, held, failed, confirmed, mismatched
from passback.book
where run_key = %(run_key)s
order by source, school_number = '', length(school_number), school_number, level;
