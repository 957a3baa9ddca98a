-- Settles open score calls as score_calls_judge found them: the rows of a call that was done become the ledger's; one that is as before
-- all the same is a VERIFY_MISMATCH. Inputs: %(calls)s: the call ids that were judged.
insert into passback.ledger_score as l (
    item_key, student_number, student_dcid, points_sent, flags_sent, points_held, flags_held, confirmed, seq, run_key
)
select item_key, student_number, student_dcid, points, flags, theirs_points, theirs_flags, true, seq, run_key
from looked_at join done using (call_id)
where as_attempted or not as_before
order by item_key, student_number
on conflict (item_key, student_number) do update set
    student_dcid = excluded.student_dcid, points_sent = excluded.points_sent, flags_sent = excluded.flags_sent,
    points_held = excluded.points_held, flags_held = excluded.flags_held, confirmed = true, unverified = false,
    seq = excluded.seq, run_key = excluded.run_key
where l.seq <= excluded.seq;

insert into passback.score_exception as e (run_key, item_key, student_number, state, code, theirs)
select
    run_key, item_key, student_number, 'mismatch', 'VERIFY_MISMATCH',
    coalesce(nullif(report.score_text(theirs_points, theirs_flags), ''), 'no score')
from looked_at join done using (call_id)
where as_before and not as_attempted
on conflict (run_key, item_key, student_number) do update set
    state = excluded.state, code = excluded.code, theirs = excluded.theirs;

update passback.score_call as c
set state = case when exists (select from done as d where d.call_id = c.call_id) then 'accepted' else 'not_done' end,
    settled_at = clock_timestamp()
where c.call_id = any(%(calls)s)
