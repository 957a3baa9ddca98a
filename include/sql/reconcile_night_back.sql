-- Grain: `standing`, its open rows taken one night further back. A night whose history is whole answers for all nights before it;
-- a night that judged a key and did not find its code ends the search for it; one that did not judge the key leaves it open.
with
met as (
    select s.ctid as row, min(l.first_seen) filter (where l.code = s.code and %(whole)s) as since
    from standing as s
    join passback.line as l
        on l.run_key = %(night_run_key)s
        and l.source = s.source
        and l.level = s.level
        and l.source_item_id = s.source_item_id
        and l.source_score_id = s.source_score_id
        and (l.code = s.code or s.code = any (string_to_array(l.other_codes, ';')))
    where s.open
    group by s.ctid
)
update standing as s
set first_seen = coalesce(met.since, %(night)s), open = met.since is null, met_in = %(night_run_key)s
from met
where s.ctid = met.row;
update standing as s
set open = false
where s.open
    and s.met_in <> %(night_run_key)s
    and s.level = 'item'
    and exists (
        select 1 from passback.run_item as i
        where i.run_key = %(night_run_key)s and i.source = s.source and i.source_item_id = s.source_item_id);
update standing as s
set open = false
where s.open
    and s.met_in <> %(night_run_key)s
    and s.level = 'score'
    and exists (
        select 1 from passback.run_score as c
        where c.run_key = %(night_run_key)s and c.source = s.source and c.source_score_id = s.source_score_id);
