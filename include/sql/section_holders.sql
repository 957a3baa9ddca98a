-- Grain: one connection that holds the section's lock: the run that it works for (runs name their connections `passback run <run_key>`).
-- Inputs: %(section_dcid)s.
select coalesce(r.dag_id || ' ' || r.run_id, nullif(a.application_name, ''), 'another connection') as holder
from pg_locks as l
left join pg_stat_activity as a on a.pid = l.pid
left join passback.run as r on a.application_name = 'passback run ' || r.run_key
where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended('passback section', %(section_dcid)s)
order by holder
