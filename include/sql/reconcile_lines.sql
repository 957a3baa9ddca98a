-- Grain: passback.line of the run, written anew from `new_line` and `standing`; %(nights)s are the earlier nights' days.
analyze standing;
delete from passback.line where run_key = %(run_key)s;
delete from passback.lines_written where run_key = %(run_key)s;
insert into passback.line (
    run_key, line_no, as_of, source, level, item_key, source_item_id, student_number, source_score_id, school_number, section_dcid,
    users_dcid, title, outcome, code, other_codes, severity, message, fix, owner, value_source, value_sis_before, value_sent, due_on,
    first_seen, nights_open, attempts)
with
since as (
    select d.first_seen, 1 + count(n.night) as nights_open
    from (select distinct first_seen from standing) as d
    left join unnest(%(nights)s::date[]) as n (night) on n.night >= d.first_seen
    group by d.first_seen
)
select
    %(run_key)s, l.line_no, %(as_of)s, l.source, l.level, l.item_key, l.source_item_id, l.student_number, l.source_score_id,
    l.school_number, l.section_dcid, l.users_dcid, l.title, l.outcome, l.code, l.other_codes, l.severity,
    l.cause || case l.waiting when 0 then '' when 1 then ' 1 score waits with it.' else ' ' || l.waiting || ' scores wait with it.' end,
    l.fix, l.owner, l.value_source, l.value_sis_before, l.value_sent, l.due_on, s.first_seen, n.nights_open, l.attempts
from new_line as l
join standing as s using (source, level, source_item_id, source_score_id, code)
join since as n using (first_seen)
order by l.line_no;
insert into passback.lines_written (run_key) values (%(run_key)s);
