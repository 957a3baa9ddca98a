-- One row: seconds since the runs that left writes without an answer in these sections were last heard of in the records, null where there
-- are none. Creates are left out: they have a time of their own. Inputs: %(sections)s.
with
leaving as (
    select run_key from passback.item_write where section_dcid = any(%(sections)s) and state = 'open' and kind = 'update'
    union
    select run_key from passback.score_call where section_dcid = any(%(sections)s) and state = 'open'
)
select extract(epoch from clock_timestamp() - max(greatest(heard.opened_at, heard.settled_at)))::float8 as seconds
from (
    select opened_at, settled_at from passback.item_write where run_key in (select run_key from leaving)
    union all
    select opened_at, settled_at from passback.score_call where run_key in (select run_key from leaving)
) as heard
