-- Gives every item of the plan its shard. Inputs: %(run_key)s, %(shards)s: a JSON object of shard numbers by school.
update passback.plan_item as p
set shard = (%(shards)s::jsonb ->> i.school_number)::integer
from passback.run_item as i
where p.run_key = %(run_key)s and i.run_key = p.run_key and i.item_key = p.item_key and %(shards)s::jsonb ? i.school_number
