-- One row: how many planned scores of the shard were not sent since another run was there. Inputs: %(run_key)s, %(shard)s.
select count(*) as scores
from passback.score_exception as e
join passback.plan_item as p using (run_key, item_key)
where e.run_key = %(run_key)s and p.shard = %(shard)s and e.state = 'dropped'
