-- Grain: one opt-out that was switched on on the pages and stands: a section, or an item of the source. Inputs: %(source)s.
select section_dcid, source_item_id
from passback.opted_out
where section_dcid is not null or source = %(source)s
