-- Grain: one row; how many items and scores the guard holds in the run. Needs the temporary table `cube`.
select coalesce(sum(count), 0)::bigint as count
from cube
where outcome = 'held' and codes & (select passback.mask('MASS_CHANGE_HELD')) <> 0;
