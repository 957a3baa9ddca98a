-- Grain: one item of one page of the status log, in the order asked for. Inputs: the filters, each null where it is not set: %(school)s,
-- %(teacher)s, %(section)s, %(source)s, %(code)s, %(scores)s (`failed`, `held`), %(words)s (a pattern for the title) with %(exactly)s (an
-- item's id), %(status)s; the items queued: %(queued_any)s, %(queued_all)s, %(queued_sections)s, %(queued_sources)s with %(queued_items)s,
-- %(queued_runs)s (run keys); %(sort)s (`due`, `title`, `synced`, `status`; `-` in front turns it round), %(rows)s, %(skip)s.
-- The planner sees literals: one sort key is left of all, and an index may give the order.
with
marked as (
    select
        s.*,
        %(queued_any)s::boolean and (
            %(queued_all)s::boolean
            or s.section_dcid = any(%(queued_sections)s::bigint[])
            or (s.source, s.source_item_id) in (select * from unnest(%(queued_sources)s::text[], %(queued_items)s::text[]))
            or s.item_key in (select p.item_key from passback.plan_item as p where p.run_key = any(%(queued_runs)s::bigint[]) and p.state = 'planned')
        ) is true as queued
    from passback.item_status as s
    where (%(school)s::text is null or s.school_number = %(school)s::text)
        and (%(teacher)s::bigint is null or s.users_dcid = %(teacher)s::bigint)
        and (%(section)s::bigint is null or s.section_dcid = %(section)s::bigint)
        and (%(source)s::text is null or s.source = %(source)s::text)
        and (%(code)s::text is null or (s.codes | s.score_codes) & (select passback.mask(%(code)s::text)) <> 0)
        and (%(scores)s::text is null or case %(scores)s::text when 'failed' then s.scores_failed else s.scores_held end > 0)
        and (%(words)s::text is null or s.title ilike %(words)s::text or s.source_item_id = %(exactly)s::text)
        and (%(status)s::text is null or %(status)s::text = 'queued' or s.status = %(status)s::text)
),
page as (
    select *
    from marked as s
    where %(status)s::text is null or queued = (%(status)s::text = 'queued')
    order by
        case when %(sort)s::text = 'status' then s.status end,
        case when %(sort)s::text = '-status' then s.status end desc,
        case when %(sort)s::text in ('title', 'status') then lower(s.title) end,
        case when %(sort)s::text in ('-title', '-status') then lower(s.title) end desc,
        case when %(sort)s::text = 'due' then s.due_on end,
        case when %(sort)s::text = '-due' then s.due_on end desc nulls last,
        case when %(sort)s::text = 'synced' then s.last_success_at end nulls first,
        case when %(sort)s::text = '-synced' then s.last_success_at end desc nulls last,
        case when %(sort)s::text in ('-title', '-status') then s.item_key end desc,
        s.item_key
    limit %(rows)s offset %(skip)s
),
placed as (
    select *, row_number() over () as place from page
)
select
    p.source, p.source_item_id, p.title, p.school_number, h.school_name, p.section_dcid,
    c.course_name || ' ' || c.section_number as section_name, p.users_dcid, p.due_on,
    case when p.queued then 'queued' else p.status end as status, p.status as judged_status,
    k.code, k.severity, coalesce(p.message, report.plain_message(k.message), '') as message,
    p.scores, p.scores_failed, p.scores_held, report.code_list(p.score_codes) as score_codes, p.last_success_at, p.as_of
from placed as p
left join passback.code as k on 1::bigint << k.bit = p.codes & -p.codes
left join staging.section as c on c.section_dcid = p.section_dcid
left join staging.school as h on h.school_number = p.school_number
order by p.place
