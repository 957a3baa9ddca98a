-- Grain: one row; how many items and scores wait in the run for somebody to release them. Needs the temporary table `cube`.
select coalesce(sum(count), 0)::bigint as count
from cube
where outcome = 'held' and codes & (select passback.mask('MASS_CHANGE_HELD') | passback.mask('UNVERIFIED')) <> 0;
