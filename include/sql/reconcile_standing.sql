-- Grain: `standing`, one row a key and code of `new_line`; `first_seen` moves back night by night while the row is open.
drop table if exists standing;
create temporary table standing as
select source, level, source_item_id, source_score_id, code, %(as_of)s::date as first_seen, true as open, 0::bigint as met_in
from new_line
group by source, level, source_item_id, source_score_id, code;
analyze standing;
