-- Grain: one section or item that is opted out on the pages now, the latest switch first; `found` in all. Inputs: %(limit)s, %(offset)s.
with
standing as (
    select *, count(*) over () as found from passback.opted_out order by switched_at desc limit %(limit)s offset %(offset)s
)
select
    o.section_dcid, o.source, o.source_item_id, o.switched_by, o.switched_at, o.found, coalesce(t.title, '') as title,
    coalesce(s.course_name || ' ' || s.section_number, '') as section_name, coalesce(h.school_name, '') as school_name
from standing as o
left join passback.item as i on i.source = o.source and i.source_item_id = o.source_item_id
left join passback.item_status as t using (item_key)
left join staging.section as s on s.section_dcid = coalesce(o.section_dcid, t.section_dcid)
left join staging.school as h on h.school_number = s.school_number
order by o.switched_at desc
