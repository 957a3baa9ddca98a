-- Grain: the last switch of the item's own opt-out and of its section's, on the pages. Inputs: %(source)s, %(source_item_id)s,
-- %(section_dcid)s or null.
select distinct on (section_dcid) section_dcid is not null as of_section, opted_out, switched_by, switched_at
from passback.opt_out
where (source = %(source)s and source_item_id = %(source_item_id)s) or section_dcid = %(section_dcid)s::bigint
order by section_dcid, opt_out_id desc
