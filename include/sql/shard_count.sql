-- One row: how many shards the run's plan has. Inputs: %(run_key)s.
select greatest(count(distinct shard), 1) as shards from passback.plan_item where run_key = %(run_key)s and shard > 0
