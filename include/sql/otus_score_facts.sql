-- Grain: one staged Otus score whose item is of the run, or is nothing that is staged. Makes the temporary table score_facts: every fact
-- that a score rule asks for but who is superseded. `n` numbers the rows, so that verdicts find their way back; of a student's several
-- scores `version_at`, then `version_id`, says which is the newest.
-- An item without an id has the empty key, which no score can name. Inputs: %(run_key)s; %(in_part)s: the run judges a part only; the
-- temporary table enrolled_student.
create temporary table score_facts on commit drop as
with
known as (
    select
        s.id, s.updated_at, s.deleted, s.invalid, s.assignment_id, s.status, s.points + 0.0 as points, s.excluded,
        t.student_number,
        coalesce(
            s.invalid,
            case when t.id is null then 'its student is not in the source' else 'its student: ' || t.invalid end
        ) as reason
    from staging.otus_score as s
    left join staging.otus_student as t on t.id = s.student_id
),
placed as (
    select
        k.*, i.item_no, i.item_key, i.section_dcid, i.total,
        case when i.item_no is null then coalesce(k.reason, 'its assignment is not in the source') else k.reason end as why_invalid
    from known as k
    left join passback.run_item as i
        on i.run_key = %(run_key)s and i.source = 'otus' and i.source_item_id = k.assignment_id and i.source_item_id <> ''
    where i.item_no is not null
        or (
            not %(in_part)s
            and not exists (select from staging.otus_assignment as a where a.id = k.assignment_id)
        )
)
select
    row_number() over () as n,
    p.item_no, p.item_key, p.id as source_score_id, coalesce(p.assignment_id, '') as source_item_id, p.student_number,
    e.student_dcid,
    p.why_invalid is not null as invalid, p.why_invalid, p.deleted,
    p.updated_at as version_at, p.id as version_id,
    p.student_number is not null as has_number,
    case when p.section_dcid is not null and p.student_number is not null then coalesce(e.is_enrolled, false) end as enrolled,
    p.excluded, p.status, null::integer as exception, p.points, 0::smallint as flags, p.total
from placed as p
left join enrolled_student as e on e.section_dcid = p.section_dcid and e.student_number = p.student_number;

analyze score_facts;
