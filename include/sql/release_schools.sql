-- Grain: one school with changes that a release asks about, the most first. Inputs: %(run_key)s.
with
counted as (
    select item_key, count(*) as scores from passback.release_score where run_key = %(run_key)s group by item_key
)
select
    coalesce(s.school_number, '') as school_number, coalesce(h.school_name, '') as school_name, i.source,
    count(*) filter (where i.changes) as items, coalesce(sum(c.scores), 0)::bigint as scores
from passback.release_item as i
left join counted as c using (item_key)
left join staging.section as s using (section_dcid)
left join staging.school as h on h.school_number = s.school_number
where i.run_key = %(run_key)s
group by 1, 2, 3
order by count(*) filter (where i.changes) + coalesce(sum(c.scores), 0) desc, 1, 3
