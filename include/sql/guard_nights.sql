-- Grain: one delivering night of an earlier as-of day that read a source of the run, the latest first; `whole`: it judged all schools of this
-- run. A preview, a sync, a close and a backfill (whose run ids Airflow keeps for it) is none. Inputs: %(run_key)s.
select o.source, r.run_key, r.schools is null or coalesce(this.schools <@ r.schools, false) as whole
from passback.run as this
join passback.run_source as mine on mine.run_key = this.run_key and mine.state = 'read'
join passback.run as r
    on r.dag_id = 'passback_nightly' and not r.dry_run and r.as_of < this.as_of and r.run_id not like 'backfill\_\_%%'
join passback.run_source as o on o.run_key = r.run_key and o.source = mine.source and o.state = 'read'
where this.run_key = %(run_key)s
order by o.source, r.as_of desc, r.started_at desc, r.run_key desc
