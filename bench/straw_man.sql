-- The straw man's statements. A code's name stands for its bit; %(name)s is bound.

-- name: prepare
create schema if not exists straw;
create table if not exists straw.item_ledger (
  item_id text primary key, assignment_id bigint, assignment_section_id bigint, delivered_at timestamptz default now());
create table if not exists straw.score_ledger (
  item_id text, student_number text, assignment_section_id bigint, student_dcid text, points numeric, hash bigint,
  delivered_at timestamptz default now(), primary key (item_id, student_number));
drop table if exists straw.users, straw.students, straw.classes, straw.assessments, straw.assignments, straw.scores,
  straw.schools, straw.sections, straw.section_teachers, straw.teacher_categories, straw.enrollments,
  straw.grading_periods, straw.category_map, straw.code, straw.item, straw.score, straw.outbox_item, straw.outbox_score,
  straw.outcome, straw.listed, straw.readback, straw.verified;
create unlogged table straw.category_map (school_number text, assessment_type text, name text);
create unlogged table straw.code (bit int, code text);
create unlogged table straw.outcome (kind text, key text, status int, assignment_id bigint);
create unlogged table straw.listed (assignment_id bigint, assignment_section_id bigint);
create unlogged table straw.readback (
  assignment_section_id bigint, student_dcid text, score_points numeric);

-- name: analyze_stage
analyze straw.scores, straw.students, straw.assignments, straw.assessments, straw.classes, straw.users, straw.sections,
  straw.section_teachers, straw.teacher_categories, straw.enrollments, straw.grading_periods, straw.category_map;

-- name: rules_item
create unlogged table straw.item as
with teaching as (
  select distinct section_dcid, users_dcid
  from straw.section_teachers
  where %(as_of)s::date between coalesce(nullif(start_date, ''), '-infinity')::date
    and coalesce(nullif(end_date, ''), 'infinity')::date
), category as (  -- who teaches at two schools comes twice
  select distinct users_dcid, name, teacher_category_id from straw.teacher_categories where is_active
), current_period as (
  select school_number, term_id, first_day, last_day
  from straw.grading_periods
  where store_code = any(%(periods)s) and %(as_of)s::date between first_day and last_day
), fact as (
  select
    a.id as item_id, a.deleted or s.deleted or c.deleted as gone, u.sis_id as assigner, t.users_dcid as teacher,
    %(group)s = any(u.groups) as in_group, s.grading_scale, s.points_possible as total, a.include_in_final_grade,
    x.section_dcid, x.school_number, x.term_id, x.first_day, x.last_day, coalesce(here.name, everywhere.name) as category,
    regexp_replace(btrim(s.title), '\s+', ' ', 'g') as title, '(' || s.identifier || ')' as suffix, s.title as source_title,
    (coalesce(a.assigned_at, s.created_at) at time zone %(time_zone)s)::date as assigned_on,
    case when s.kind = 'plus' then a.submission_date + 7 else a.due_date end as given_due_on
  from straw.assignments a
  join straw.assessments s on s.id = a.assessment_id
  join straw.classes c on c.id = a.class_id
  join straw.users u on u.id = a.assigned_by
  left join straw.sections x on x.section_dcid = c.sis_section_id
  left join teaching t on t.section_dcid = x.section_dcid and t.users_dcid = u.sis_id
  left join straw.category_map here
    on here.school_number = x.school_number and here.assessment_type = s.assessment_type
  left join straw.category_map everywhere on everywhere.school_number = '' and everywhere.assessment_type = s.assessment_type
), resolved as (
  select
    f.*, k.teacher_category_id, coalesce(f.given_due_on, f.assigned_on + 7) as due_on,
    length(f.title) + length(f.suffix) + 1 > 50 as is_long
  from fact f
  left join category k on k.users_dcid = f.teacher and k.name = f.category
)
select
  r.item_id, r.section_dcid, r.school_number, r.term_id, r.teacher, r.teacher_category_id, r.total, r.due_on, r.source_title,
  case
    when r.title = '' then r.suffix
    when r.is_long then rtrim(left(r.title, 48 - length(r.suffix))) || '… ' || r.suffix
    else r.title || ' ' || r.suffix
  end as name,
  case when r.gone then SOURCE_DELETED else
    case when r.section_dcid is null then SECTION_NOT_FOUND else 0 end
    | case when r.assigned_on < %(effective_date)s::date then BEFORE_EFFECTIVE_DATE else 0 end
    | case when r.assigner is null then ASSIGNED_BY_ADMIN else 0 end
    | case when not r.in_group then ASSIGNER_NOT_IN_GROUP else 0 end
    | case when r.section_dcid is not null and r.assigner is not null and r.teacher is null
        then TEACHER_NOT_IN_SECTION else 0 end
    | case when r.grading_scale <> 'points' then NOT_POINTS_SCALE else 0 end
    | case when r.total is null or r.total <= 0 or r.total > 9999 then TOTAL_INVALID
        when r.total <> trunc(r.total) then TOTAL_NOT_WHOLE else 0 end
    | case when not r.include_in_final_grade then NOT_IN_FINAL_GRADE else 0 end
    | case when r.category is null then CATEGORY_UNMAPPED
        when r.teacher is not null and r.teacher_category_id is null then CATEGORY_INACTIVE else 0 end
    | case when r.section_dcid is not null and (r.due_on not between r.first_day and r.last_day or not exists (
        select 1 from current_period p
        where p.school_number = r.school_number and p.term_id = r.term_id and r.due_on between p.first_day and p.last_day))
        then DUE_DATE_OUTSIDE_PERIOD else 0 end
    | case when r.given_due_on is null then DUE_DATE_DEFAULTED else 0 end
    | case when r.is_long then TITLE_TRUNCATED else 0 end
  end as codes
from resolved r
where r.due_on >= %(year_start)s::date and r.due_on < %(year_start)s::date + interval '1 year';

-- name: rules_score
create unlogged table straw.score as
with enrolled as (
  select distinct on (section_dcid, student_number) section_dcid, student_number, student_dcid
  from straw.enrollments
  where not dropped and entry_date <= %(as_of)s::date and %(as_of)s::date < exit_date
), twice as (
  select assignment_id, student_id from straw.scores where not deleted group by 1, 2 having count(*) > 1
), newest as (
  select distinct on (s.assignment_id, s.student_id) s.id
  from straw.scores s join twice using (assignment_id, student_id)
  where not s.deleted
  order by s.assignment_id, s.student_id, s.updated_at desc, s.id desc
)
select
  s.id as score_id, s.assignment_id as item_id, st.sis_id as student_number, e.student_dcid, round(s.points, 6) as points,
  hashtextextended(round(s.points, 6)::text, 0) as hash, i.codes & FAILING = 0 as item_passes,
  case when s.deleted then SOURCE_DELETED else
    case when t.assignment_id is not null and s.id not in (select id from newest) then SUPERSEDED else 0 end
    | case when st.sis_id is null then STUDENT_NOT_FOUND else 0 end
    | case when st.sis_id is not null and i.section_dcid is not null and e.student_dcid is null
        then STUDENT_NOT_ENROLLED else 0 end
    | case when s.excluded then EXCLUDED_SCORE else 0 end
    | case when s.status = 'turned_in' then NOT_FULLY_GRADED else 0 end
    | case when s.status in ('not_started', 'in_progress') or s.status = 'graded' and s.points is null
        then NO_SCORE else 0 end
    | case when s.points < 0 then SCORE_INVALID else 0 end
    | case when s.points > i.total then SCORE_ABOVE_TOTAL else 0 end
  end as codes
from straw.scores s
join straw.item i on i.item_id = s.assignment_id
join straw.students st on st.id = s.student_id
left join enrolled e on e.section_dcid = i.section_dcid and e.student_number = st.sis_id
left join twice t on t.assignment_id = s.assignment_id and t.student_id = s.student_id;

-- name: analyze_rules
analyze straw.item, straw.score;

-- name: outbox_item
create unlogged table straw.outbox_item as
select
  i.item_id, i.section_dcid, i.teacher,
  json_build_object('_assignmentsections', json_build_array(json_build_object(
    'sectionsdcid', i.section_dcid::bigint, 'name', i.name, 'description', 'Passback otus ' || i.item_id,
    'duedate', i.due_on, 'scoretype', 'POINTS', 'scoreentrypoints', i.total, 'totalpointvalue', i.total, 'weight', 1,
    'iscountedinfinalgrade', true, 'isscoringneeded', true, 'publishoption', 'Immediately',
    '_assignmentcategoryassociations', json_build_array(json_build_object(
      'teachercategoryid', i.teacher_category_id::bigint, 'isprimary', true)))))::text as body
from straw.item i
where i.codes & FAILING = 0
  and not exists (select 1 from straw.item_ledger l where l.item_id = i.item_id)
  and exists (select 1 from straw.score s where s.item_id = i.item_id and s.codes & FAILING = 0);

-- name: settle_items
analyze straw.outcome, straw.listed;
insert into straw.item_ledger (item_id, assignment_id, assignment_section_id)
select o.key, o.assignment_id, l.assignment_section_id
from straw.outcome o join straw.listed l on l.assignment_id = o.assignment_id
where o.kind = 'create' and o.status = 201;

-- name: outbox_score
analyze straw.item_ledger;
create unlogged table straw.outbox_score as
with changed as (
  select
    s.item_id, s.student_dcid, s.points, l.assignment_section_id,
    (row_number() over (partition by s.item_id order by s.student_dcid) - 1) / 200 as part
  from straw.score s
  join straw.item_ledger l on l.item_id = s.item_id
  left join straw.score_ledger d on d.item_id = s.item_id and d.student_number = s.student_number
  where s.item_passes and s.codes & FAILING = 0 and d.hash is distinct from s.hash
)
select
  c.item_id, i.teacher, i.term_id, i.section_dcid,
  json_build_object('assignment_scores', json_agg(json_build_object(
    '_assignmentsection', json_build_object('assignmentsectionid', c.assignment_section_id),
    'studentsdcid', c.student_dcid::bigint, 'actualscoreentered', trim_scale(c.points)::text,
    'actualscorekind', 'REAL_SCORE', 'scoretype', 'POINTS', 'scorepoints', trim_scale(c.points),
    'isexempt', false, 'isincomplete', false, 'ismissing', false)))::text as body, count(*) as scores
from changed c join straw.item i on i.item_id = c.item_id
group by c.item_id, c.part, i.teacher, i.term_id, i.section_dcid;

-- name: settle_scores
analyze straw.outcome, straw.item_ledger;
with accepted as (
  select key as item_id from straw.outcome where kind = 'score' group by key having bool_and(status = 200)
)
insert into straw.score_ledger (item_id, student_number, assignment_section_id, student_dcid, points, hash)
select s.item_id, s.student_number, l.assignment_section_id, s.student_dcid, s.points, s.hash
from accepted a
join straw.item_ledger l on l.item_id = a.item_id
join straw.score s on s.item_id = a.item_id and s.codes & FAILING = 0
on conflict (item_id, student_number) do update
set points = excluded.points, hash = excluded.hash, student_dcid = excluded.student_dcid, delivered_at = now()
where straw.score_ledger.hash <> excluded.hash;

-- name: verify
analyze straw.score_ledger, straw.readback;
create unlogged table straw.verified as
with written as (
  select d.*
  from straw.score_ledger d
  where d.item_id in (select key from straw.outcome where kind = 'score' and status = 200)
)
select w.item_id, w.student_number, r.score_points is not distinct from w.points as confirmed
from written w
left join straw.readback r on r.assignment_section_id = w.assignment_section_id and r.student_dcid = w.student_dcid
where w.delivered_at = (select max(delivered_at) from written);

-- name: figures
select
  (select count(*) from straw.scores), (select coalesce(sum(scores), 0)::bigint from straw.outbox_score),
  (select count(*) from straw.verified where confirmed), (select count(*) from straw.verified where not confirmed),
  (select count(*) from straw.outcome where status not in (200, 201));

-- name: report
copy (
  select 'item' as level, i.school_number, i.section_dcid, i.item_id, i.source_title, null as student_number, c.code
  from straw.item i join straw.code c on c.bit = i.codes & -i.codes
  union all
  select 'score', i.school_number, i.section_dcid, s.item_id, i.source_title, s.student_number, c.code
  from straw.score s join straw.item i using (item_id) join straw.code c on c.bit = s.codes & -s.codes
  where s.item_passes
) to stdout with (format csv, header);
