-- One row: the run, kept once. A second call keeps its as-of, its year and its preview, and takes the settings as they are now.
insert into passback.run as r (
    dag_id, run_id, as_of, dry_run, parameters, settings, sources, schools, year_first_day, year_last_day
)
values (
    %(dag_id)s, %(run_id)s, %(as_of)s, %(dry_run)s, %(parameters)s::jsonb, %(settings)s::jsonb, %(sources)s::text[], %(schools)s::text[],
    %(year_first_day)s, %(year_last_day)s
)
on conflict (dag_id, run_id) do update set settings = excluded.settings, sources = excluded.sources, stopped_by = null
returning r.run_key, r.dag_id, r.run_id, r.as_of, r.dry_run, r.sources, r.schools, r.year_first_day, r.year_last_day
