-- Grain: one Schoology section of the chunk whose categories or grading periods are to be read: an item asks for one that is not known, or
-- they were read over `list_seconds` ago. Inputs: %(section_ids)s, %(now)s by Schoology's clock, %(list_seconds)s.
with
known as (
    select i.section_id,
        i.grading_category not in ('', '0') as has_category,
        i.due_on is null and i.grading_period not in ('', '0') as has_period,
        c.id is null as category_is_unknown,
        p.id is null as period_is_unknown
    from staging.schoology_item as i
    left join staging.schoology_category as c on c.section_id = i.section_id and c.id = i.grading_category
    left join staging.schoology_grading_period as p on p.section_id = i.section_id and p.id = i.grading_period
    where i.section_id = any(%(section_ids)s::text[]) and not i.deleted and i.invalid is null
),
asked as (
    select
        section_id, bool_or(has_category) as has_category, bool_or(has_period) as has_period,
        bool_or(has_category and category_is_unknown) as category_is_unknown,
        bool_or(has_period and period_is_unknown) as period_is_unknown
    from known
    group by section_id
),
aged as (
    select
        a.*,
        coalesce(
            passback.own_window(a.section_id, p.categories_read_at, %(list_seconds)s::double precision)
                <> passback.own_window(a.section_id, %(now)s::timestamptz, %(list_seconds)s::double precision), true
        ) as categories_are_old,
        coalesce(
            passback.own_window(a.section_id, p.periods_read_at, %(list_seconds)s::double precision)
                <> passback.own_window(a.section_id, %(now)s::timestamptz, %(list_seconds)s::double precision), true
        ) as periods_are_old
    from asked as a
    left join passback.schoology_place as p on p.section_id = a.section_id
),
needed as (
    select
        section_id,
        has_category and (category_is_unknown or categories_are_old) as categories,
        has_period and (period_is_unknown or periods_are_old) as periods
    from aged
)
select section_id, categories, periods from needed where categories or periods order by section_id
