-- Grain: one staged Otus score whose item is of the run, or is nothing that is staged. Makes the temporary table score_facts.
-- Inputs: %(run_key)s; %(in_part)s: the run judges a part only; the temporary table enrolled_student. `n` numbers the rows, so that
-- verdicts find their way back.
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
    left join passback.run_item as i on i.run_key = %(run_key)s and i.source = 'otus' and i.source_item_id = k.assignment_id
    where i.item_no is not null
        or (
            not %(in_part)s
            and not exists (select from staging.otus_assignment as a where a.id = k.assignment_id)
        )
),
twins as (
    select assignment_id, student_number
    from placed
    where why_invalid is null and not deleted and student_number is not null
    group by assignment_id, student_number
    having count(*) > 1
),
competing as (
    select
        p.id, p.assignment_id, p.student_number, p.updated_at,
        bool_and(p.id ~ '^[0-9]+$') over (partition by p.assignment_id, p.student_number, p.updated_at) as in_numbers
    from placed as p
    join twins using (assignment_id, student_number)
    where p.why_invalid is null and not p.deleted
),
ranked as (
    select
        id,
        row_number() over (
            partition by assignment_id, student_number
            order by updated_at desc, case when in_numbers then id::numeric end desc, id collate "C" desc
        ) as place
    from competing
)
select
    row_number() over () as n,
    p.item_no, p.item_key, p.id as source_score_id, coalesce(p.assignment_id, '') as source_item_id, p.student_number,
    e.student_dcid,
    p.why_invalid is not null as invalid, p.why_invalid, p.deleted,
    coalesce(r.place > 1, false) as superseded,
    p.student_number is not null as has_number,
    case when p.section_dcid is not null and p.student_number is not null then coalesce(e.is_enrolled, false) end as enrolled,
    p.excluded, p.status, p.points, 0::smallint as flags, p.total, null::integer as exception
from placed as p
left join ranked as r using (id)
left join enrolled_student as e on e.section_dcid = p.section_dcid and e.student_number = p.student_number;

analyze score_facts;
