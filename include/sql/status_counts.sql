-- Grain: one status among the items that the filters leave (all but the one by status itself), with how many of them have failed and
-- held scores. Inputs: the filters and the items queued, as in status_page.sql.
select
    case
        when %(queued_any)s::boolean and (
            %(queued_all)s::boolean
            or s.section_dcid = any(%(queued_sections)s::bigint[])
            or (s.source, s.source_item_id) in (select * from unnest(%(queued_sources)s::text[], %(queued_items)s::text[]))
            or s.item_key in (select p.item_key from passback.plan_item as p where p.run_key = any(%(queued_runs)s::bigint[]) and p.state = 'planned')
        ) then 'queued'
        else s.status
    end as status,
    count(*) as items,
    count(*) filter (where s.scores_failed > 0) as with_failed_scores,
    count(*) filter (where s.scores_held > 0) as with_held_scores
from passback.item_status as s
where (%(school)s::text is null or s.school_number = %(school)s::text)
    and (%(teacher)s::bigint is null or s.users_dcid = %(teacher)s::bigint)
    and (%(section)s::bigint is null or s.section_dcid = %(section)s::bigint)
    and (%(source)s::text is null or s.source = %(source)s::text)
    and (%(code)s::text is null or (s.codes | s.score_codes) & (select passback.mask(%(code)s::text)) <> 0)
    and (%(scores)s::text is null or case %(scores)s::text when 'failed' then s.scores_failed else s.scores_held end > 0)
    and (%(words)s::text is null or s.title ilike %(words)s::text or s.source_item_id = %(exactly)s::text)
group by 1
