-- depends: 0003_outcomes
-- What analysts read: totals, reasons and lines of every run. Filter by run_key: a view over rows counts the rows of the runs asked for.

-- The books as they were drawn up at a run's end, so that a trend over many runs reads one row a school, not a million scores.
-- `staged` is counted from the run's own rows, apart from the outcomes beside it.
create table passback.book (
    run_key bigint not null references passback.run,
    source text not null,
    school_number text not null,
    level text not null check (level in ('item', 'score')),
    staged bigint not null,
    created bigint not null,
    updated bigint not null,
    unchanged bigint not null,
    skipped bigint not null,
    held bigint not null,
    failed bigint not null,
    confirmed bigint not null,
    mismatched bigint not null,
    primary key (run_key, source, school_number, level)
);

-- Grain: one code at one level of one run, inherited ones included.
create table passback.book_code (
    run_key bigint not null references passback.run,
    level text not null check (level in ('item', 'score')),
    code text not null,
    count bigint not null,
    primary key (run_key, level, code)
);

-- In which order the lines of runs were written: the history that a night stands on is whole where no earlier day was written after it.
create table passback.lines_written (
    run_key bigint primary key references passback.run,
    written_no bigint generated always as identity
);

-- A cell of a CSV that a spreadsheet opens: what it would take for a formula gets an apostrophe in front
-- (by the first character's code, 9 is a tab and 13 a carriage return: three times as fast as comparing texts).
create function report.cell(value text) returns text language sql immutable parallel safe
    return case when ascii(value) in (ascii('='), ascii('+'), ascii('-'), ascii('@'), 9, 13) then '''' || value else nullif(value, '') end;

-- A message of the catalogue without what it leaves open: «: {answer}» and «({section})» go, any other {name} becomes «…».
create function report.plain_message(template text) returns text language sql immutable parallel safe
    return regexp_replace(regexp_replace(regexp_replace(
        template, '(; [^;:{}]*)?\s*(\(\{[^}]*\}\)|: \{[^}]*\})', '', 'g'), '\{[^}]*\}', '…', 'g'), '([^.!?…])$', '\1.');

-- The codes of a mask, primary first, joined by «;».
create function report.code_list(codes bigint) returns text language sql stable parallel safe
    return (select coalesce(string_agg(c.code, ';' order by c.bit), '') from passback.code as c where codes & (1::bigint << c.bit) <> 0);

-- Grain: one outcome of one level of one source and school of one run.
create view report.outcome_count as
select run_key, source, coalesce(school_number, '') as school_number, users_dcid, 'item' as level, outcome, codes, false as inherited,
    count(*) as count, count(*) filter (where confirmed) as confirmed
from report.item_outcome
group by run_key, source, school_number, users_dcid, outcome, codes
union all
select run_key, source, coalesce(school_number, ''), users_dcid, 'score', outcome, codes, inherited,
    count(*), count(*) filter (where confirmed)
from report.score_outcome
group by run_key, source, school_number, users_dcid, outcome, codes, inherited;

-- Grain: one level of one source of one run.
create view report.run_totals as
select
    run_key, source, level,
    sum(count) as staged,
    coalesce(sum(count) filter (where outcome = 'created'), 0) as created,
    coalesce(sum(count) filter (where outcome = 'updated'), 0) as updated,
    coalesce(sum(count) filter (where outcome = 'unchanged'), 0) as unchanged,
    coalesce(sum(count) filter (where outcome = 'skipped'), 0) as skipped,
    coalesce(sum(count) filter (where outcome = 'held'), 0) as held,
    coalesce(sum(count) filter (where outcome = 'failed'), 0) as failed
from report.outcome_count
group by run_key, source, level;

-- Grain: one level of one source and school of one run; the group without a school has the empty number.
create view report.by_school as
select
    o.run_key, o.source, o.school_number, coalesce(s.school_name, '') as school_name, o.level,
    sum(o.count) as staged,
    coalesce(sum(o.count) filter (where o.outcome = 'created'), 0) as created,
    coalesce(sum(o.count) filter (where o.outcome = 'updated'), 0) as updated,
    coalesce(sum(o.count) filter (where o.outcome = 'unchanged'), 0) as unchanged,
    coalesce(sum(o.count) filter (where o.outcome = 'skipped'), 0) as skipped,
    coalesce(sum(o.count) filter (where o.outcome = 'held'), 0) as held,
    coalesce(sum(o.count) filter (where o.outcome = 'failed'), 0) as failed
from report.outcome_count as o
left join staging.school as s using (school_number)
group by o.run_key, o.source, o.school_number, s.school_name, o.level;

-- Grain: one level of one acting teacher (USERS.DCID; null: none known) in one school of one run.
create view report.by_teacher as
select
    run_key, school_number, users_dcid, level,
    sum(count) as staged,
    coalesce(sum(count) filter (where outcome = 'created'), 0) as created,
    coalesce(sum(count) filter (where outcome = 'updated'), 0) as updated,
    coalesce(sum(count) filter (where outcome = 'unchanged'), 0) as unchanged,
    coalesce(sum(count) filter (where outcome = 'skipped'), 0) as skipped,
    coalesce(sum(count) filter (where outcome = 'held'), 0) as held,
    coalesce(sum(count) filter (where outcome = 'failed'), 0) as failed
from report.outcome_count
group by run_key, school_number, users_dcid, level;

-- Grain: one code at one level of one run; a row that carries several codes counts for each.
create view report.code_counts as
select o.run_key, o.level, c.bit, c.code, c.severity, c.owner, c.fix, sum(o.count) as count
from report.outcome_count as o
join passback.code as c on o.codes & (1::bigint << c.bit) <> 0
group by o.run_key, o.level, c.bit, c.code, c.severity, c.owner, c.fix;

-- Grain: one line of one run's reconciliation, in the words of reconciliation.csv.
create view report.line as
select
    l.run_key, l.line_no, r.run_id, l.as_of, l.source, l.school_number, coalesce(h.school_name, '') as school_name, l.section_dcid,
    coalesce(s.course_name || ' ' || s.section_number, '') as section_name, l.users_dcid as teacher_users_dcid, l.source_item_id,
    l.title, l.student_number, l.level, l.outcome, l.code, l.other_codes, l.severity, l.message, l.fix, l.owner, l.value_source,
    l.value_sis_before, l.value_sent, l.due_on as due_date, l.first_seen, l.nights_open, l.attempts
from passback.line as l
join passback.run as r using (run_key)
left join staging.section as s using (section_dcid)
left join staging.school as h on h.school_number = l.school_number;

-- Grain: one level of one run whose books were drawn up.
create view report.trend as
select
    r.run_key, r.dag_id, r.run_id, r.as_of, r.dry_run, r.started_at, r.finished_at, r.balanced, b.level,
    sum(b.staged) as staged, sum(b.created) as created, sum(b.updated) as updated, sum(b.unchanged) as unchanged,
    sum(b.skipped) as skipped, sum(b.held) as held, sum(b.failed) as failed
from passback.run as r
join passback.book as b using (run_key)
group by r.run_key, b.level;

-- Grain: one failed or held item of one run whose due date lies in a grading period that ends within seven days of the as-of day:
-- from then on it is outside every current period and passes no more.
create view report.leaving_period as
select
    l.run_key, l.line_no, l.school_number, l.section_dcid, l.users_dcid, l.source, l.source_item_id, l.title, l.code, l.owner,
    l.due_on, min(g.store_code) as store_code, max(g.last_day) as last_day
from passback.line as l
join passback.run as r using (run_key)
join staging.section as s using (section_dcid)
join staging.grading_period as g
    on g.school_number = s.school_number
    and l.due_on between g.first_day and g.last_day
    and l.as_of between g.first_day and g.last_day
    and (g.term_id = s.term_id or not exists (
        select 1 from staging.grading_period as own where own.school_number = s.school_number and own.term_id = s.term_id))
where l.level = 'item'
    and l.outcome in ('failed', 'held')
    and coalesce(r.settings -> 'grading_periods', '["Q1", "Q2", "Q3", "Q4"]') ? g.store_code
group by l.run_key, l.line_no
having max(g.last_day) <= max(l.as_of) + 7;
