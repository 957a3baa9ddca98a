-- Grain: one score call of the items that was never sent, or waits: it ends with the code. Inputs: %(run_key)s, %(items)s, %(code)s,
-- %(message)s. A call whose answer was lost stays open, to be settled before anything else.
insert into passback.score_call as c (run_key, item_key, batch, section_dcid, state, code, message, settled_at)
select distinct p.run_key, p.item_key, p.batch, i.section_dcid, 'refused', %(code)s, %(message)s, statement_timestamp()
from passback.plan_score as p
join passback.plan_item as i using (run_key, item_key)
where p.run_key = %(run_key)s and p.item_key = any(%(items)s)
on conflict (run_key, item_key, batch) do update set code = excluded.code, message = excluded.message, settled_at = excluded.settled_at
where c.state = 'not_done'
