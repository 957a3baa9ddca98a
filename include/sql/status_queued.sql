-- One row: what is under way by Airflow's word. Inputs: %(dag_ids)s with %(run_ids)s (the active runs), %(teachers)s (those whose sections are
-- synced), %(today)s. Output: the keys of the active runs that send, and the sections that the teachers teach today.
select
    coalesce((
        select array_agg(r.run_key)
        from passback.run as r
        join unnest(%(dag_ids)s::text[], %(run_ids)s::text[]) as a (dag_id, run_id) on a.dag_id = r.dag_id and a.run_id = r.run_id
        where not r.dry_run
    ), '{}') as runs,
    coalesce((
        select array_agg(distinct t.section_dcid)
        from staging.section_teacher as t
        where t.users_dcid = any(%(teachers)s::bigint[])
            and coalesce(t.start_on, '-infinity') <= %(today)s::date and %(today)s::date <= coalesce(t.end_on, 'infinity')
    ), '{}') as sections
