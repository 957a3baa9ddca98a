-- Grain: one staged Schoology grade whose item is of the run. Makes the temporary table score_facts: every fact that a score rule asks for
-- but who is superseded. `n` numbers the rows, so that verdicts find their way back; of a student's several grades `version_at`, then
-- `version_id`, says which is the newest. A grade of an enrolment that its section lists no longer has no student number.
-- Inputs: %(run_key)s; %(in_part)s: the run judges a part only; %(flagged)s and %(skipped)s: exception codes of the settings; the
-- temporary table enrolled_student.
create temporary table score_facts on commit drop as
with
known as (
    select
        g.id, g.deleted, g.item_id, g.enrollment_id, g.changed_at, coalesce(g.exception, 0) as exception,
        g.grade + 0.0 as grade, g.grade_unreadable,
        case when not e.deleted then e.student_number end as student_number,
        coalesce(g.invalid, 'its enrollment: ' || case when not e.deleted then e.invalid end) as why_invalid
    from staging.schoology_grade as g
    left join staging.schoology_enrollment as e on e.id = g.enrollment_id
    where not %(in_part)s or g.section_id = any(array(
        select t.section_id
        from passback.run_item as i
        join staging.schoology_item as t on t.id = i.source_item_id
        where i.run_key = %(run_key)s and i.source = 'schoology'
    ))
),
placed as (
    select
        k.*, i.item_no, i.item_key, i.section_dcid, i.total,
        case when cardinality(t.assignees) > 0 then k.enrollment_id = any(t.assignees) end as assigned,
        case
            when k.exception = 0 then null
            when k.exception = any(%(flagged)s::integer[]) then 'flag'
            when k.exception = any(%(skipped)s::integer[]) then 'skip'
            else 'unmapped'
        end as treatment
    from known as k
    join passback.run_item as i on i.run_key = %(run_key)s and i.source = 'schoology' and i.source_item_id = k.item_id
    join staging.schoology_item as t on t.id = k.item_id
)
select
    row_number() over () as n,
    p.item_no, p.item_key, p.id as source_score_id, p.item_id as source_item_id, p.student_number,
    e.student_dcid,
    p.why_invalid is not null as invalid, p.why_invalid, p.deleted,
    p.changed_at as version_at, p.enrollment_id as version_id,
    p.student_number is not null as has_number,
    case when p.section_dcid is not null and p.student_number is not null then coalesce(e.is_enrolled, false) end as enrolled,
    p.assigned, p.exception, p.treatment,
    case when p.treatment is null then p.grade end as points,
    case when p.treatment = 'flag' then case p.exception when 1 then 1 when 2 then 2 when 3 then 4 else 0 end else 0 end::smallint as flags,
    p.grade_unreadable and p.treatment is null as unreadable,
    p.total
from placed as p
left join enrolled_student as e on e.section_dcid = p.section_dcid and e.student_number = p.student_number;

analyze score_facts;
