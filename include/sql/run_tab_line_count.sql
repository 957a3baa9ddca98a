-- Grain: one row: how many lines of the run there are with these filters. Inputs: as run_tab_lines.
select count(*) as found
from passback.line
where run_key = %(run_key)s
    and %(level)s in ('', level)
    and %(outcome)s in ('', outcome)
    and (%(code)s in ('', code) or strpos(';' || other_codes || ';', ';' || %(code)s || ';') > 0)
    and (%(school)s::text is null or school_number = %(school)s)
