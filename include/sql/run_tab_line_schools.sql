-- Grain: one school of the run's books. Inputs: %(run_key)s.
select distinct b.school_number, coalesce(h.school_name, '') as school_name
from passback.book as b
left join staging.school as h using (school_number)
where b.run_key = %(run_key)s
order by 1
