-- Takes out what an earlier planning of this run left undone; what was proved stays. Inputs: %(run_key)s.
delete from passback.score_exception as e
where e.run_key = %(run_key)s and not exists (
    select from passback.plan_score as p
    join passback.score_call as c on c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch and c.state = 'accepted'
    where p.run_key = e.run_key and p.item_key = e.item_key and p.student_number = e.student_number
);

delete from passback.plan_score as p
where p.run_key = %(run_key)s and p.proved is null and not exists (
    select from passback.score_call as c
    where c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch and c.state in ('accepted', 'open')
);

delete from passback.plan_item as p
where p.run_key = %(run_key)s and p.proved is null and not exists (
    select from passback.score_call as c where c.run_key = p.run_key and c.item_key = p.item_key
) and not exists (
    select from passback.item_write as w where w.run_key = p.run_key and w.item_key = p.item_key and w.state in ('open', 'accepted')
);

delete from passback.held_item where run_key = %(run_key)s;
delete from passback.held_score where run_key = %(run_key)s;
delete from passback.held_reason where run_key = %(run_key)s;
delete from passback.guard_figure where run_key = %(run_key)s
