-- At most one row: the run whose held changes a release is about, by its names in Airflow, with how many changes it holds; resends are no
-- changes. Inputs: %(dag_id)s, %(run_id)s.
select
    r.run_key, r.dag_id, r.run_id, r.as_of, r.dry_run, r.schools,
    (select count(*) from passback.held_item as h where h.run_key = r.run_key) as items,
    (select count(*) from passback.held_score as h where h.run_key = r.run_key and h.action <> 'resend') as scores,
    array(
        select source from passback.held_item as h where h.run_key = r.run_key
        union
        select source from passback.held_score as h where h.run_key = r.run_key
        order by source
    ) as sources
from passback.run as r
where r.dag_id = %(dag_id)s and r.run_id = %(run_id)s
