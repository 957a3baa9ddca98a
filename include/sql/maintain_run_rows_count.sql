-- One row: how many rows these runs have in the tables that grow. Inputs: %(run_keys)s.
select
    (select count(*) from passback.run_item where run_key = any(%(run_keys)s))
    + (select count(*) from passback.run_score where run_key = any(%(run_keys)s))
    + (select count(*) from passback.plan_item where run_key = any(%(run_keys)s))
    + (select count(*) from passback.plan_score where run_key = any(%(run_keys)s))
    + (select count(*) from passback.item_write where run_key = any(%(run_keys)s))
    + (select count(*) from passback.score_call where run_key = any(%(run_keys)s))
    + (select count(*) from passback.line where run_key = any(%(run_keys)s)) as rows
