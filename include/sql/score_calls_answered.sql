-- Grain: one answered score call: its state moves, and with a 2xx the ledger's base of its rows, in one transaction.
-- Not where the item is the ledger's in another section by now. Rows in their order, so that two transactions never wait in a circle.
-- Inputs: %(answers)s: a JSON array of {call_id, state, code, message, attempts}.
create temporary table answered on commit drop as
select a.*, c.run_key, c.item_key, c.batch, c.section_dcid
from jsonb_to_recordset(%(answers)s::jsonb) as a(call_id bigint, state text, code text, message text, attempts integer)
join passback.score_call as c using (call_id)
where c.state = 'open';

update passback.score_call as c
set state = a.state, code = coalesce(a.code, ''), message = a.message, attempts = c.attempts + coalesce(a.attempts, 0),
    settled_at = clock_timestamp()
from answered as a
where c.call_id = a.call_id;

insert into passback.ledger_score as l (
    item_key, student_number, student_dcid, points_sent, flags_sent, points_held, flags_held, confirmed, seq, run_key
)
select p.item_key, p.student_number, p.student_dcid, p.points, p.flags, p.points, p.flags, false, p.seq, p.run_key
from answered as a
join passback.plan_score as p on p.run_key = a.run_key and p.item_key = a.item_key and p.batch = a.batch
join passback.ledger_item as i on i.item_key = a.item_key and i.section_dcid = a.section_dcid
left join passback.score_exception as e
    on e.run_key = p.run_key and e.item_key = p.item_key and e.student_number = p.student_number and e.state <> 'warned'
where a.state = 'accepted' and e.item_key is null
order by p.item_key, p.student_number
on conflict (item_key, student_number) do update set
    student_dcid = excluded.student_dcid, points_sent = excluded.points_sent, flags_sent = excluded.flags_sent,
    points_held = excluded.points_held, flags_held = excluded.flags_held, confirmed = false, unverified = false,
    seq = excluded.seq, run_key = excluded.run_key
where l.seq <= excluded.seq;

drop table answered
