-- Grain: one run that judged the item, newest first, `found` in all. `undecided`: its books are not drawn up, and neither a rule nor
-- PowerSchool has said what becomes of the item. Inputs: %(item_key)s, %(limit)s, %(offset)s.
with
newest as (
    select run_key, count(*) over () as found
    from passback.run_item
    where item_key = %(item_key)s
    order by run_key desc
    limit %(limit)s offset %(offset)s
)
select
    r.run_key, r.dag_id, r.run_id, r.as_of, r.dry_run, r.started_at, n.found,
    r.finished_at is null and not o.by_rule and coalesce(p.state, 'planned') = 'planned' as undecided,
    o.outcome, o.name, o.due_on, o.total, o.category, o.sent, o.confirmed, o.attempts, o.value_sis_before, o.value_sent,
    report.code_list(o.codes) as codes, coalesce(o.message, report.plain_message(c.message), '') as message,
    coalesce(c.fix, '') as fix, coalesce(c.owner, '') as owner
from newest as n
join passback.run as r using (run_key)
join report.item_outcome as o on o.run_key = n.run_key and o.item_key = %(item_key)s
left join passback.plan_item as p on p.run_key = n.run_key and p.item_key = %(item_key)s
left join passback.code as c on 1::bigint << c.bit = o.codes & -o.codes
order by n.run_key desc
