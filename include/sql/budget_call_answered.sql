-- Grain: one row. In: api. The API has answered a call: no failures stand in a row any more, and the breaker is closed. Returns how many
-- rows that changed (0: another answer was first).
with closed as (
    update passback.api_budget
    set failures = 0, open_until = null, probe_until = null
    where api = %(api)s and (failures > 0 or open_until is not null)
    returning api
)

select count(*) as closed
from closed
