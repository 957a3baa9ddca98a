-- Grain: one failed or held item that falls out of its grading period within seven days; the fifty next, and how many there are.
select school_number, section_dcid, users_dcid, title, code, owner, due_on, store_code, last_day, count(*) over () as everything
from report.leaving_period
where run_key = %(run_key)s
order by last_day, line_no
limit 50;
