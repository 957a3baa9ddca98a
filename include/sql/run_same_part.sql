-- Grain: one run of the DAG that is not closed, was opened before this one, and asks for the same part in the same way.
-- Inputs: %(dag_id)s, %(run_id)s, %(dry_run)s, %(section_dcid)s, %(users_dcid)s, %(source)s, %(source_item_id)s.
select r.run_id
from passback.run as r
where r.dag_id = %(dag_id)s and r.run_id <> %(run_id)s and r.finished_at is null and r.dry_run = %(dry_run)s
    and (r.part_section_dcid, r.part_users_dcid, r.part_source, r.part_source_item_id)
        is not distinct from (%(section_dcid)s::bigint, %(users_dcid)s::bigint, %(source)s::text, %(source_item_id)s::text)
    and not exists (
        select from passback.run as own where own.dag_id = r.dag_id and own.run_id = %(run_id)s and own.run_key < r.run_key)
order by r.run_key desc
