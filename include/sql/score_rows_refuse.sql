-- Grain: one score that PowerSchool refused out of its call, named by the student's DCID. Inputs: %(call_id)s, %(students)s, %(code)s,
-- %(message)s, %(attempts)s.
insert into passback.score_exception as e (run_key, item_key, student_number, state, code, message, attempts)
select p.run_key, p.item_key, p.student_number, 'refused', %(code)s, %(message)s, %(attempts)s
from passback.score_call as c
join passback.plan_score as p on p.run_key = c.run_key and p.item_key = c.item_key and p.batch = c.batch
where c.call_id = %(call_id)s and p.student_dcid = any(%(students)s)
on conflict (run_key, item_key, student_number) do update set
    state = 'refused', code = excluded.code, message = excluded.message, attempts = e.attempts + excluded.attempts
