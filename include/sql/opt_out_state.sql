-- One row: whether the section or item was ever seen, and whether it is opted out on the pages. Inputs: %(section_dcid)s, or %(source)s
-- with %(source_item_id)s; the others null.
select
    case
        when %(section_dcid)s::bigint is not null then exists (select from staging.section where section_dcid = %(section_dcid)s::bigint)
            or exists (select from passback.item_status where section_dcid = %(section_dcid)s::bigint)
        else exists (select from passback.item where source = %(source)s::text and source_item_id = %(source_item_id)s::text)
    end as known,
    exists (
        select from passback.opted_out
        where (section_dcid, source, source_item_id) is not distinct from (%(section_dcid)s::bigint, %(source)s::text, %(source_item_id)s::text)
    ) as opted_out
