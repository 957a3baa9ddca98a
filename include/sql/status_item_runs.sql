-- Grain: one of the last runs that judged the item, the newest first. Inputs: %(item_key)s, %(rows)s.
with
latest as (
    select i.run_key, i.item_no
    from passback.run_item as i
    where i.item_key = %(item_key)s
    order by i.run_key desc
    limit %(rows)s
)
select
    r.dag_id, r.run_id, r.as_of, r.dry_run, r.started_at, o.outcome, report.code_list(o.codes) as codes,
    coalesce(o.message, report.plain_message(k.message), '') as message, o.attempts
from latest as l
join passback.run as r using (run_key)
join report.item_outcome as o on o.run_key = l.run_key and o.item_no = l.item_no
left join passback.code as k on 1::bigint << k.bit = o.codes & -o.codes
order by l.run_key desc
