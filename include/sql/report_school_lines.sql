-- Grain: one school of the run; its lines stand together in the file's order.
select school_number, min(line_no) as first, max(line_no) as last
from passback.line
where run_key = %(run_key)s and school_number <> ''
group by school_number;
