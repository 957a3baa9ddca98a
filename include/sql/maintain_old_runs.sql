-- Grain: one run that is older than its days, whose rows are still here and on which nothing stands: no item's status, no write without an
-- answer, none of the nights that the next ones compare with (the last delivering runs of the last %(nights)s as-of days), and nothing that
-- was read for it since. Inputs: %(before)s, %(nights)s.
with
night as (
    select distinct on (r.as_of) r.run_key
    from passback.run as r
    where r.dag_id = 'passback_nightly' and not r.dry_run
        and exists (select from passback.run_item as i where i.run_key = r.run_key)
    order by r.as_of desc, r.started_at desc, r.run_key desc
    limit %(nights)s
),
stands as (
    select run_key from night
    union
    select run_key from passback.item_status
    union
    select run_key from passback.item_write where state = 'open'
    union
    select run_key from passback.score_call where state = 'open'
)
select r.run_key, r.dag_id, r.run_id, r.as_of
from passback.run as r
where r.started_at < %(before)s and coalesce(r.finished_at, r.started_at) < %(before)s
    and not exists (select from stands as s where s.run_key = r.run_key)
    and not exists (select from passback.extraction as e where e.run_key = r.run_key and e.started_at >= %(before)s)
    and (
        r.rows_deleted_at is null
        or exists (select from passback.run_item as i where i.run_key = r.run_key)
        or exists (select from passback.run_score as s where s.run_key = r.run_key)
        or exists (select from passback.plan_score as s where s.run_key = r.run_key)
        or exists (select from passback.line as l where l.run_key = r.run_key)
    )
order by r.run_key
