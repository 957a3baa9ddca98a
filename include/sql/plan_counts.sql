-- One row: what the plan holds. Inputs: %(run_key)s.
select
    (select count(*) from passback.plan_item where run_key = %(run_key)s and action = 'create' and state = 'planned') as items_to_create,
    (select count(*) from passback.plan_item where run_key = %(run_key)s and action = 'update' and state = 'planned') as items_to_update,
    (select count(*) from passback.plan_item where run_key = %(run_key)s and state = 'held') as items_held,
    (select count(*) from passback.plan_score where run_key = %(run_key)s and action = 'create') as scores_to_create,
    (select count(*) from passback.plan_score where run_key = %(run_key)s and action = 'update') as scores_to_update,
    (select count(*) from passback.plan_score where run_key = %(run_key)s and action = 'resend') as scores_to_resend
