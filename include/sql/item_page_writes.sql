-- Grain: one write of the item in these runs: what PowerSchool held (`before`), what was sent (`attempted`), what became of it.
-- Inputs: %(item_key)s, %(run_keys)s.
select run_key, kind, before, attempted, state, code, coalesce(message, '') as message, attempts, opened_at, settled_at
from passback.item_write
where item_key = %(item_key)s and run_key = any(%(run_keys)s)
order by write_id
