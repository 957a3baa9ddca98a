-- An item whose name, total and category stay as they are sends none of its unchanged scores again. Inputs: %(run_key)s, %(items)s.
delete from passback.plan_score as p
where p.run_key = %(run_key)s and p.item_key = any(%(items)s) and p.action = 'resend' and p.proved is null
    and not exists (
        select from passback.score_call as c
        where c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch and c.state = 'accepted'
    )
