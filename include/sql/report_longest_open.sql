-- Grain: one failed or held line of the run; the twenty that have been open longest, items before scores.
select school_number, section_name, teacher_users_dcid, title, student_number, level, code, message, owner, first_seen, nights_open
from report.line
where run_key = %(run_key)s and outcome in ('failed', 'held') and nights_open > 1
order by nights_open desc, level, line_no
limit 20;
