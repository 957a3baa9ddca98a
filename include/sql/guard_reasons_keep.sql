-- Grain: one reason in words. Inputs: %(run_key)s, %(reasons)s: a JSON array of {source, code, limits, message}.
insert into passback.held_reason (run_key, source, code, limits, message)
select %(run_key)s, source, code, limits, message
from jsonb_to_recordset(%(reasons)s::jsonb) as r(source text, code text, limits integer, message text)
on conflict (run_key, source, code, limits) do update set message = excluded.message
