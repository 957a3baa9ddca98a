-- Grain: one title of a Schoology section of the part: of every staged item that is not deleted, whatever becomes of it. A section's
-- items by their ids, as numbers where they are numbers. Inputs: %(sections)s or null, %(item)s or null: the part.
select i.id, i.section_id, i.title
from staging.schoology_item as i
where not i.deleted and i.title is not null
    and (%(sections)s::bigint[] is null
        or i.section_id = any(array(select id from staging.schoology_section where section_dcid = any(%(sections)s::bigint[]))))
    and (%(item)s::text is null or i.section_id = (select o.section_id from staging.schoology_item as o where o.id = %(item)s::text))
order by i.section_id, case when i.grade_item_id ~ '^[0-9]+$' then i.grade_item_id::numeric end, i.grade_item_id collate "C"
