-- A district of %(items)s items with %(per_item)s scores each after %(runs)s nights, as the pipeline's own tables would hold it: the last
-- night whole, the nights before it for every %(kept_each)s-th item. Set-based; %(name)s is bound.

-- name: roster
insert into staging.school
select (100 + n)::text, 'School ' || n, 1 from generate_series(1, %(schools)s) as n;

insert into staging.section
select
    80000 + n, (101 + n %% %(schools)s)::text, 3600, (array['Algebra', 'Biology', 'English 9', 'History', 'Chemistry'])[1 + n %% 5],
    n::text, %(as_of)s::date - 100, %(as_of)s::date + 200, 1
from generate_series(1, %(items)s / 5) as n;

insert into staging.section_teacher
select school_number, section_dcid, 5000 + section_dcid / 5, 'lead', first_day, null, 1 from staging.section;

insert into staging.teacher_category
select t.school_number, t.users_dcid, row_number() over (), c.name, true, 1
from (select distinct school_number, users_dcid from staging.section_teacher) as t
cross join (values ('Quizzes'), ('Tests'), ('Homework'), ('Daily Work')) as c (name);

insert into staging.grading_period
select s.school_number, 3600, 'Q' || q, %(as_of)s::date - 80 + (q - 2) * 60, %(as_of)s::date - 21 + (q - 2) * 60, 1
from staging.school as s, generate_series(1, 4) as q;

insert into staging.enrollment
select
    school_number, section_dcid, (section_dcid * 7 + seat) %% 100000, (200000 + (section_dcid * 7 + seat) %% 100000)::text,
    first_day, last_day, false, 1
from staging.section, generate_series(1, %(per_item)s) as seat;

-- name: nights
insert into passback.run (
    dag_id, run_id, as_of, dry_run, parameters, settings, sources, year_first_day, year_last_day, started_at, window_ends_at,
    finished_at, balanced
)
select
    'passback_nightly', 'scheduled__' || to_char(began, 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), began::date - 1, false, '{}'::jsonb,
    %(settings)s::jsonb, array['otus', 'schoology'], %(year_first_day)s, %(year_last_day)s, began, began + interval '4 hours',
    began + interval '40 minutes', true
from generate_series(1, %(runs)s) as n
cross join lateral (select %(as_of)s::date + 1 - (%(runs)s - n) + interval '8 hours' as began) as night
order by n;

insert into passback.extraction (source, run_key, transport, full_listing, source_time, started_at, finished_at)
select s.source, r.run_key, 'http', false, r.started_at, r.started_at, r.started_at + interval '2 minutes'
from passback.run as r
cross join unnest(array['otus', 'schoology', 'powerschool']) with ordinality as s (source, place)
order by r.run_key, s.place;

insert into passback.run_source select run_key, source, seq, 'read' from passback.extraction where source <> 'powerschool';

-- name: items
-- How each item stands after the last night: 85 %% as before, 6 %% wrong in one of four ways, the rest skipped or held; 1 %% not judged yet.
create table item_kind as
select
    n, n as item_key, case when n %% 4 = 0 then 'schoology' else 'otus' end as source,
    case when n %% 4 = 0 then (4318000 + n / 5) || ':' || (9000000 + n) else 'a-' || lpad(n::text, 7, '0') end as source_item_id,
    s.school_number, s.section_dcid, 5000 + s.section_dcid / 5 as users_dcid,
    (array['Fractions quiz', 'Lab report', 'Essay draft', 'Unit test', 'Homework'])[1 + n %% 5] || ' ' || n as title,
    %(as_of)s::date - (n %% 40) as due_on, k.code, k.outcome
from generate_series(1, %(items)s) as n
join staging.section as s on s.section_dcid = 80001 + (n - 1) / 5
cross join lateral (
    select case
        when n %% 100 < 2 then 'CATEGORY_UNMAPPED' when n %% 100 < 4 then 'TOTAL_INVALID' when n %% 100 = 4 then 'CATEGORY_INACTIVE'
        when n %% 100 = 5 then 'SIS_REFUSED' when n %% 100 < 10 then 'NOT_IN_FINAL_GRADE' when n %% 100 < 13 then 'DELETED_IN_SIS'
    end as code
) as given
left join passback.code as k using (code);

insert into passback.item (source, source_item_id) select source, source_item_id from item_kind order by n;

-- name: item_rows
insert into passback.run_item (
    run_key, item_no, item_key, source, source_item_id, school_number, section_dcid, users_dcid, teacher_category_id, title, name, due_on,
    total, category, codes, outcome, message, seq
)
select
    r.run_key, i.n, i.item_key, i.source, i.source_item_id, i.school_number, i.section_dcid, i.users_dcid, 1, i.title, i.title, i.due_on, 10,
    'Tests', case when c.kind = 'rule' then 1::bigint << c.bit else 0 end, case when c.kind = 'rule' then i.outcome end, null, e.seq
from passback.run as r
join passback.extraction as e on e.run_key = r.run_key and e.source = 'otus'
join item_kind as i on r.run_key = %(runs)s or i.n %% %(kept_each)s = 0
left join passback.code as c on c.code = i.code
where i.n %% 100 <> 99;

-- name: score_rows
insert into passback.run_score (
    run_key, item_no, item_key, source, source_score_id, source_item_id, student_number, student_dcid, points, flags, codes, outcome
)
select
    %(runs)s, i.n, i.item_key, i.source, 's-' || i.n || '-' || e.student_number, i.source_item_id, e.student_number, e.student_dcid,
    (e.student_dcid + i.n) %% 11, 0, case when c.bit is null then 0 else 1::bigint << c.bit end, c.outcome
from item_kind as i
join staging.enrollment as e using (section_dcid)
left join passback.code as c on c.code = case (e.student_dcid * 31 + i.n) %% 50 when 0 then 'STUDENT_NOT_ENROLLED' when 1 then 'NO_SCORE' end
where i.n %% 100 <> 99;

-- name: ledger
-- What passed was delivered a month before the last night; every eighth item changed since, in one of the last nights.
insert into passback.ledger_item (
    item_key, section_dcid, users_dcid, powerschool_assignment_id, powerschool_assignment_section_id, name_sent, name_held, due_sent,
    due_held, total_sent, total_held, category_sent, category_held, state, confirmed, seq, run_key, created_run_key
)
select
    item_key, section_dcid, users_dcid, 700000 + n, 900000 + n, title, title, due_on, due_on, 10, 10, 'Tests', 'Tests',
    case when code = 'DELETED_IN_SIS' then 'deleted' else 'live' end, true, 1, %(runs)s - 30, %(runs)s - 30
from item_kind
where code is null or code = 'DELETED_IN_SIS';

insert into passback.ledger_score
select s.item_key, s.student_number, s.student_dcid, s.points, 0, s.points, 0, true, 1, %(runs)s - 30
from passback.run_score as s
join passback.ledger_item using (item_key)
where s.outcome is null;

-- name: writes
create temporary table sent as
select item_key, section_dcid, users_dcid, %(runs)s - 30 as run_key, 'create' as kind from passback.ledger_item
union all
select item_key, section_dcid, users_dcid, %(runs)s - item_key %% 7, 'update' from passback.ledger_item where item_key %% 8 = 0;

insert into passback.plan_item (
    run_key, item_key, shard, unit_users_dcid, section_dcid, users_dcid, action, state, proved, confirmed, value_sent, attempts
)
select run_key, item_key, 1, users_dcid, section_dcid, users_dcid, kind, 'accepted', kind, true, '10 points', 1
from sent;

insert into passback.item_write (
    run_key, item_key, section_dcid, users_dcid, kind, before, attempted, state, powerschool_assignment_id, attempts, opened_at, settled_at
)
select
    s.run_key, s.item_key, s.section_dcid, s.users_dcid, s.kind, case when s.kind = 'update' then jsonb_build_object('name', 'before', 'due_on', i.due_on, 'total', 10, 'category', 'Tests') end,
    jsonb_build_object('name', i.title, 'due_on', i.due_on, 'total', 10, 'category', 'Tests'), 'accepted', 700000 + i.n, 1, r.started_at,
    r.started_at
from sent as s
join item_kind as i using (item_key)
join passback.run as r using (run_key);

insert into passback.plan_score (
    run_key, item_key, student_number, student_dcid, batch, action, base_points, base_flags, held_points, held_flags, points, flags, seq, proved
)
select
    s.run_key, s.item_key, l.student_number, l.student_dcid, 1, case when s.kind = 'create' then 'create' else 'resend' end,
    case when s.kind = 'update' then l.points_sent end, case when s.kind = 'update' then 0 end,
    case when s.kind = 'update' then l.points_held end, case when s.kind = 'update' then 0 end, l.points_sent, 0, 1, s.kind
from sent as s
join passback.ledger_score as l using (item_key);

insert into passback.score_call (run_key, item_key, batch, section_dcid, state, verified, attempts, settled_at)
select run_key, item_key, 1, section_dcid, 'accepted', true, 1, now() from sent;

-- What the last night tried and PowerSchool refused, or would not have again.
insert into passback.plan_item (
    run_key, item_key, shard, unit_users_dcid, section_dcid, users_dcid, action, state, code, message, attempts
)
select
    %(runs)s, item_key, 1, users_dcid, section_dcid, users_dcid, case code when 'SIS_REFUSED' then 'create' else 'update' end,
    case code when 'SIS_REFUSED' then 'refused' else 'held' end, code, 'PowerSchool refused the write: 400', 1
from item_kind
where code in ('SIS_REFUSED', 'DELETED_IN_SIS')
on conflict do nothing;

-- name: status
insert into passback.item_status (
    item_key, source, source_item_id, school_number, section_dcid, users_dcid, title, due_on, run_key, as_of, started_at, outcome, codes,
    message, scores, scores_failed, scores_held, score_codes, last_success_at
)
select
    i.item_key, i.source, i.source_item_id, i.school_number, i.section_dcid, i.users_dcid, i.title, i.due_on,
    case when judged then r.run_key end, case when judged then r.as_of end, case when judged then r.started_at end,
    case when judged then coalesce(i.outcome, 'unchanged') end, case when judged and c.bit is not null then 1::bigint << c.bit else 0 end,
    null, case when judged then %(per_item)s else 0 end, coalesce(s.failed, 0), 0, coalesce(s.codes, 0),
    case when judged and i.outcome is null then r.finished_at end
from item_kind as i
cross join lateral (select i.n %% 100 <> 99 as judged) as j
join passback.run as r on r.run_key = %(runs)s
left join passback.code as c on c.code = i.code
left join (
    select item_key, count(*) filter (where outcome = 'failed') as failed, bit_or(codes) as codes from passback.run_score group by item_key
) as s on s.item_key = i.item_key;

-- name: books
insert into passback.book
select
    r.run_key, i.source, i.school_number, l.level, i.items * l.times, 0, 0, i.items * l.times - (i.failed + i.skipped + i.held) * l.times,
    i.skipped * l.times, i.held * l.times, i.failed * l.times, 0, 0
from passback.run as r
cross join (
    select
        source, school_number, count(*) as items, count(*) filter (where outcome = 'failed') as failed,
        count(*) filter (where outcome = 'skipped') as skipped, count(*) filter (where outcome = 'held') as held
    from item_kind
    group by source, school_number
) as i
cross join (values ('item', 1), ('score', %(per_item)s)) as l (level, times);

insert into passback.book_code
select r.run_key, l.level, i.code, i.items * l.times
from passback.run as r
cross join (select code, count(*) as items from item_kind where code is not null group by code) as i
cross join (values ('item', 1), ('score', %(per_item)s)) as l (level, times);

insert into passback.line (
    run_key, line_no, as_of, source, level, item_key, source_item_id, school_number, section_dcid, users_dcid, title, outcome, code,
    other_codes, severity, message, fix, owner, due_on, first_seen, nights_open, attempts
)
select
    r.run_key, row_number() over (partition by r.run_key order by i.n), r.as_of, i.source, 'item', i.item_key, i.source_item_id,
    i.school_number, i.section_dcid, i.users_dcid, i.title, i.outcome, i.code, '', c.severity, c.message, c.fix, c.owner, i.due_on, r.as_of, 1, 0
from passback.run as r
join item_kind as i on r.run_key > %(runs)s - 3 or i.n %% %(kept_each)s = 0
join passback.code as c using (code);

drop table item_kind;
