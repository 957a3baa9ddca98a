-- Grain: one PowerSchool category for which items fail now, since their acting teacher has no active copy of it. Inputs: %(shown)s.
select
    s.source, i.category, count(*) as items, count(distinct s.users_dcid) as teachers,
    (array_agg(distinct s.users_dcid))[:%(shown)s] as lacking_teachers
from passback.item_status as s
join passback.run_item as i using (run_key, item_key)
where s.codes & (select passback.mask('CATEGORY_INACTIVE')) <> 0 and i.category is not null
group by s.source, i.category
