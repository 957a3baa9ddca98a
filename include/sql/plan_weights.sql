-- Grain: one school of the plan, with the requests that it will take, about. Inputs: %(run_key)s.
select
    i.school_number,
    count(*) as items,
    count(distinct p.section_dcid) as sections,
    sum(case p.action when 'create' then 1 when 'update' then 2 else 0 end) + count(*) as requests
from passback.plan_item as p
join passback.run_item as i on i.run_key = p.run_key and i.item_key = p.item_key
where p.run_key = %(run_key)s and p.state <> 'held'
group by i.school_number
order by requests desc, i.school_number
