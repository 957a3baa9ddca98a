-- Grain: one line of the run's reconciliation, in the order of its file, each with `found`, the number of lines with these filters. One
-- row without a line where the page has none. Inputs: %(run_key)s, %(level)s, %(outcome)s and %(code)s, each '' for all, %(school)s (null
-- for all, '' for lines without a school), %(limit)s, %(offset)s. The run's lines are read once, and kept by their numbers alone.
with
matching as materialized (
    select line_no
    from passback.line
    where run_key = %(run_key)s
        and %(level)s in ('', level)
        and %(outcome)s in ('', outcome)
        and (%(code)s in ('', code) or other_codes <> '' and strpos(';' || other_codes || ';', ';' || %(code)s || ';') > 0)
        and (%(school)s::text is null or school_number = %(school)s)
),
page as (
    select line_no from matching order by line_no limit %(limit)s offset %(offset)s
)
select
    n.found, l.line_no, l.source, l.level, l.source_item_id, l.title, l.student_number, l.school_number,
    coalesce(h.school_name, '') as school_name, l.section_dcid, coalesce(s.course_name || ' ' || s.section_number, '') as section_name,
    l.users_dcid, l.outcome, l.code, l.other_codes, l.severity, l.message, l.fix, l.owner, l.value_source, l.value_sis_before,
    l.value_sent, l.due_on, l.first_seen, l.nights_open, l.attempts
from (select count(*) as found from matching) as n
left join page as p on true
left join passback.line as l on l.run_key = %(run_key)s and l.line_no = p.line_no
left join staging.section as s on s.section_dcid = l.section_dcid
left join staging.school as h on h.school_number = l.school_number
order by l.line_no
