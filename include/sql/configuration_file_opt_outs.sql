-- Grain: one opt-out of the settings file, in words. Inputs: %(sections)s (texts), %(sources)s and %(items)s (arrays of one length),
-- %(limit)s, %(offset)s.
with
listed as (
    select id as section_text, null::text as source, null::text as source_item_id from unnest(%(sections)s::text[]) as s (id)
    union all
    select null, i.source, i.source_item_id from unnest(%(sources)s::text[], %(items)s::text[]) as i (source, source_item_id)
)
select
    l.section_text as section_dcid, l.source, l.source_item_id, coalesce(t.title, '') as title,
    coalesce(s.course_name || ' ' || s.section_number, '') as section_name, coalesce(h.school_name, '') as school_name,
    count(*) over () as found
from listed as l
left join passback.item as i on i.source = l.source and i.source_item_id = l.source_item_id
left join passback.item_status as t using (item_key)
left join staging.section as s on s.section_dcid = coalesce(passback.dcid(l.section_text), t.section_dcid)
left join staging.school as h on h.school_number = s.school_number
order by l.section_text collate "C", l.source, l.source_item_id collate "C"
limit %(limit)s offset %(offset)s
