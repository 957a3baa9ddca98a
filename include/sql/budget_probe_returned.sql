-- Grain: one row. In: api, probe. A probe that asked nothing gives its turn back: the next call may be the probe. Returns how many rows
-- that changed (0: its time was over, or the breaker is closed).
with returned as (
    update passback.api_budget
    set probe_until = null
    where api = %(api)s and probe = %(probe)s::bigint and probe_until is not null
    returning api
)

select count(*) as returned
from returned
