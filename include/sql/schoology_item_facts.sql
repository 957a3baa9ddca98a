-- Grain: one Schoology grade item that is staged, with every fact that an item rule asks for; null where a fact is not known. Makes the
-- temporary table item_facts; `n` numbers the rows, so that verdicts find their way back.
-- Inputs: %(today)s (who teaches is judged by today), opt-outs, %(schools)s or null for all; %(sections)s or null, %(item)s or null: the
-- part; the temporary tables category_map (school_number or '', source_type, category) and younger_twin (source_item_id).
-- A section that is found under its code no longer is linked to nothing; without an id of its section's list, a category has no title.
create temporary table item_facts on commit drop as
with
parts as (
    select
        i.id, i.deleted, i.invalid is null as reads, i.grade_item_id, i.title, i.due_on as due_date, i.grading_scale,
        i.grading_category, i.max_points, i.is_final, i.published, i.count_in_grade, i.collected_only,
        coalesce(
            i.invalid,
            case when s.id is null then 'its section is not in the source' else 'its section: ' || s.invalid end
        ) as reason,
        s.section_school_code, s.section_dcid as linked_section_dcid, case when not s.deleted then s.section_dcid end as found_section_dcid,
        coalesce(nullif(p.title, ''), p.id) as period_title, p.end_on as period_last_day,
        c.id is not null as category_is_listed, c.title as category_title,
        y.source_item_id is not null as has_older_twin
    from staging.schoology_item as i
    left join staging.schoology_section as s on s.id = i.section_id
    left join staging.schoology_grading_period as p
        on p.section_id = i.section_id and p.id = i.grading_period and i.grading_period <> '0'
    left join staging.schoology_category as c on c.section_id = i.section_id and c.id = i.grading_category
    left join younger_twin as y on y.source_item_id = i.id
),
placed as (
    select
        p.*, s.section_dcid, s.school_number, s.term_id, s.first_day as section_first_day, s.last_day as section_last_day,
        coalesce(own.category, district.category) as category
    from parts as p
    left join staging.section as s on s.section_dcid = p.found_section_dcid
    left join category_map as own on own.school_number = s.school_number and own.source_type = p.category_title
    left join category_map as district on district.school_number = '' and district.source_type = p.category_title
),
taught as (
    select
        p.*,
        (
            select min(t.users_dcid) from staging.section_teacher as t
            where t.section_dcid = p.section_dcid and t.role = 'lead'
                and coalesce(t.start_on, '-infinity') <= %(today)s::date and %(today)s::date <= coalesce(t.end_on, 'infinity')
        ) as users_dcid
    from placed as p
)
select
    row_number() over (order by i.item_key) as n,
    i.item_key,
    t.id as source_item_id,
    t.reason,
    t.reads,
    t.deleted,
    t.school_number,
    t.section_dcid,
    t.term_id,
    t.section_first_day,
    t.section_last_day,
    t.section_school_code,
    t.users_dcid,
    t.grade_item_id,
    t.title,
    t.has_older_twin,
    t.published,
    t.is_final,
    t.grading_scale,
    t.max_points as total,
    t.count_in_grade,
    t.collected_only,
    t.due_date,
    t.period_title,
    t.period_last_day,
    coalesce(t.linked_section_dcid = any(%(opted_out_sections)s), false) or t.id = any(%(opted_out_items)s) as opted_out,
    t.grading_category,
    t.category_is_listed,
    t.category_title,
    t.category,
    (
        select min(k.teacher_category_id) from staging.teacher_category as k
        where k.users_dcid = t.users_dcid and k.name = t.category and k.is_active
    ) as teacher_category_id
from taught as t
join passback.item as i on i.source = 'schoology' and i.source_item_id = t.id
where (%(schools)s::text[] is null or t.school_number = any(%(schools)s::text[]))
    and (%(sections)s::bigint[] is null or t.linked_section_dcid = any(%(sections)s::bigint[]))
    and (%(item)s::text is null or t.id = %(item)s::text)
order by i.item_key;

create unique index on item_facts (n);
analyze item_facts;
