-- Grain: one switch of an opt-out, the latest first; `found` in all. Inputs: %(limit)s, %(offset)s.
select section_dcid, source, source_item_id, opted_out, switched_by, switched_at, count(*) over () as found
from passback.opt_out
order by opt_out_id desc
limit %(limit)s offset %(offset)s
