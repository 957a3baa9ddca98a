-- Grain: one Otus assignment that is staged, with every fact that an item rule asks for; null where a fact is not known. Makes the
-- temporary table item_facts; `n` numbers the rows, so that verdicts find their way back.
-- Inputs: %(zone)s of the district, %(today)s (who teaches is judged by today), %(group)s, opt-outs, %(schools)s or null for all;
-- %(sections)s or null, %(item)s or null: the part; the temporary table category_map (school_number or '', source_type, category). A time at the very ends of the calendar stays there.
create temporary table item_facts on commit drop as
with
parts as (
    select
        a.id, a.updated_at, a.due_date, a.submission_date, a.include_in_final_grade,
        case when a.assigned_at is not null
            then least(greatest((a.assigned_at at time zone %(zone)s)::date, '0001-01-01'), '9999-12-31') end as assigned_on,
        case when m.created_at is not null
            then least(greatest((m.created_at at time zone %(zone)s)::date, '0001-01-01'), '9999-12-31') end as created_on,
        a.deleted or coalesce(m.deleted, false) or coalesce(c.deleted, false) as deleted,
        coalesce(
            a.invalid,
            case when m.id is null then 'its assessment is not in the source' else 'its assessment: ' || m.invalid end,
            case when c.id is null then 'its class is not in the source' else 'its class: ' || c.invalid end,
            case when u.id is null then 'its assigner is not in the source' else 'its assigner: ' || u.invalid end
        ) as reason,
        m.identifier, m.title, m.kind, m.assessment_type, m.grading_scale, m.points_possible,
        c.sis_section_id, passback.dcid(c.sis_section_id) as linked_section_dcid,
        u.sis_id as assigner_sis_id, passback.dcid(u.sis_id) as assigner_dcid, %(group)s = any(u.groups) as assigner_in_group
    from staging.otus_assignment as a
    left join staging.otus_assessment as m on m.id = a.assessment_id
    left join staging.otus_class as c on c.id = a.class_id
    left join staging.otus_user as u on u.id = a.assigned_by
),
placed as (
    select
        p.*, s.section_dcid, s.school_number, s.term_id, s.first_day as section_first_day, s.last_day as section_last_day,
        coalesce(own.category, district.category) as category
    from parts as p
    left join staging.section as s on s.section_dcid = p.linked_section_dcid
    left join category_map as own on own.school_number = s.school_number and own.source_type = p.assessment_type
    left join category_map as district on district.school_number = '' and district.source_type = p.assessment_type
),
taught as (
    select
        p.*,
        case when exists (
            select from staging.section_teacher as t
            where t.section_dcid = p.section_dcid and t.users_dcid = p.assigner_dcid
                and coalesce(t.start_on, '-infinity') <= %(today)s::date and %(today)s::date <= coalesce(t.end_on, 'infinity')
        ) then p.assigner_dcid end as users_dcid
    from placed as p
)
select
    row_number() over (order by i.item_key) as n,
    i.item_key,
    t.id as source_item_id,
    t.reason,
    t.deleted,
    t.school_number,
    t.section_dcid,
    t.term_id,
    t.section_first_day,
    t.section_last_day,
    t.sis_section_id,
    t.users_dcid,
    t.assigner_sis_id,
    t.assigner_in_group,
    t.identifier,
    t.title,
    t.kind,
    t.assessment_type,
    t.grading_scale,
    t.points_possible as total,
    t.assigned_on,
    t.created_on,
    t.due_date,
    t.submission_date,
    t.include_in_final_grade,
    coalesce(t.linked_section_dcid = any(%(opted_out_sections)s), false) or t.id = any(%(opted_out_items)s) as opted_out,
    t.category,
    (
        select min(k.teacher_category_id) from staging.teacher_category as k
        where k.users_dcid = t.users_dcid and k.name = t.category and k.is_active
    ) as teacher_category_id
from taught as t
join passback.item as i on i.source = 'otus' and i.source_item_id = t.id
where (%(schools)s::text[] is null or t.school_number = any(%(schools)s::text[]))
    and (%(sections)s::bigint[] is null or t.linked_section_dcid = any(%(sections)s::bigint[]))
    and (%(item)s::text is null or t.id = %(item)s::text)
order by i.item_key;

create unique index on item_facts (n);
analyze item_facts;
