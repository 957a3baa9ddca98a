-- Grain: one batch that a run which was cleared planned anew, and of which nothing is to be sent after all: it stands as accepted and read back
-- for what an earlier attempt of the run has proved of its rows. Inputs: %(run_key)s, %(sections)s.
insert into passback.score_call (run_key, item_key, batch, section_dcid, state, verified, settled_at)
select p.run_key, p.item_key, p.batch, min(i.section_dcid), 'accepted', true, clock_timestamp()
from passback.plan_score as p
join passback.plan_item as i using (run_key, item_key)
left join passback.score_exception as e using (run_key, item_key, student_number)
where p.run_key = %(run_key)s and i.section_dcid = any(%(sections)s)
group by p.run_key, p.item_key, p.batch
having bool_or(p.proved is not null) and bool_and(coalesce(e.state in ('dropped', 'kept'), false))
on conflict (run_key, item_key, batch) do nothing
