-- Grain: one line of reconciliation.csv, in its order; of the lines %(first)s to %(last)s of the run.
select
    report.cell(run_id) as run_id,
    as_of,
    report.cell(source) as source,
    report.cell(school_number) as school_number,
    report.cell(school_name) as school_name,
    section_dcid,
    report.cell(section_name) as section_name,
    teacher_users_dcid,
    report.cell(source_item_id) as source_item_id,
    report.cell(title) as title,
    report.cell(student_number) as student_number,
    level,
    outcome,
    report.cell(code) as code,
    report.cell(other_codes) as other_codes,
    report.cell(severity) as severity,
    report.cell(message) as message,
    report.cell(fix) as fix,
    report.cell(owner) as owner,
    report.cell(value_source) as value_source,
    report.cell(value_sis_before) as value_sis_before,
    report.cell(value_sent) as value_sent,
    due_date,
    first_seen,
    nights_open,
    attempts
from report.line
where run_key = %(run_key)s and line_no between %(first)s and %(last)s
order by line_no;
