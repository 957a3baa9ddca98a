-- Grain: one item of the plan: what became of it. `proved` once set stays; what was sent again is read back again.
-- Inputs: %(run_key)s, %(settled)s: a JSON array of {item_key, state, proved, code, warnings, message, value_sis_before, value_sent, attempts}.
update passback.plan_item as p
set state = s.state, proved = coalesce(p.proved, s.proved), confirmed = case when s.proved is null or s.attempts is null then p.confirmed end, code = coalesce(s.code, ''), warnings = p.warnings | coalesce(s.warnings, 0),
    message = s.message, value_sis_before = coalesce(s.value_sis_before, p.value_sis_before),
    value_sent = coalesce(s.value_sent, p.value_sent), attempts = p.attempts + coalesce(s.attempts, 0)
from jsonb_to_recordset(%(settled)s::jsonb) as s(
    item_key bigint, state text, proved text, code text, warnings bigint, message text, value_sis_before text, value_sent text,
    attempts integer
)
where p.run_key = %(run_key)s and p.item_key = s.item_key
