-- One row or none: a run by Airflow's names. Inputs: %(dag_id)s, %(run_id)s.
select
    run_key, dag_id, run_id, as_of, dry_run, sources, schools, year_first_day, year_last_day,
    part_section_dcid, part_users_dcid, part_source, part_source_item_id, rows_deleted_at
from passback.run
where dag_id = %(dag_id)s and run_id = %(run_id)s
