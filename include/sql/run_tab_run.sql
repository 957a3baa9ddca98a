-- Grain: one run of Passback by its names in Airflow; no row where it was not registered. Inputs: %(dag_id)s, %(run_id)s.
select
    run_key, dag_id, run_id, as_of, dry_run, sources, schools, started_at, finished_at, balanced, coalesce(stopped_by, '') as stopped_by,
    part_section_dcid, part_users_dcid, part_source, part_source_item_id, rows_deleted_at
from passback.run
where dag_id = %(dag_id)s and run_id = %(run_id)s
