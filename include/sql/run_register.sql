-- One row: the run, kept once. A second call keeps its as-of, its year, its part and its preview, and takes the settings and the
-- schools that the part reaches as they are now.
insert into passback.run as r (
    dag_id, run_id, as_of, dry_run, parameters, settings, sources, schools, year_first_day, year_last_day,
    part_section_dcid, part_users_dcid, part_source, part_source_item_id
)
values (
    %(dag_id)s, %(run_id)s, %(as_of)s, %(dry_run)s, %(parameters)s::jsonb, %(settings)s::jsonb, %(sources)s::text[], %(schools)s::text[],
    %(year_first_day)s, %(year_last_day)s,
    %(section_dcid)s, %(users_dcid)s, %(source)s, %(source_item_id)s
)
on conflict (dag_id, run_id) do update set
    settings = excluded.settings, sources = excluded.sources, schools = excluded.schools, stopped_by = null,
    rows_deleted_at = null
returning
    r.run_key, r.dag_id, r.run_id, r.as_of, r.dry_run, r.sources, r.schools, r.year_first_day, r.year_last_day,
    r.part_section_dcid, r.part_users_dcid, r.part_source, r.part_source_item_id
