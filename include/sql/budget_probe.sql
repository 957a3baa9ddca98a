-- Grain: one row. In: api, lease_seconds (the longest that a probe takes). Where the breaker is open, its moment has come and no probe is
-- under way, this call becomes the probe. A pause that the API asked for comes first; a moment over 1,000 s ahead was written before the
-- clock was set back, and does not count. The row's lock puts all processes in one line, and who comes second sees the probe of the
-- first. Returns failures, is_open, probe (its number, null: not granted) and wait_seconds to the next one (0: it hangs on the probe that
-- is under way).
with granted as (
    update passback.api_budget
    set probe_until = clock_timestamp() + make_interval(secs => %(lease_seconds)s), probe = probe + 1
    where api = %(api)s
        and open_until is not null
        and not greatest(open_until, probe_until, paused_until) between
            clock_timestamp() and clock_timestamp() + interval '1000 s'
    returning probe
)

select
    coalesce(max(budget.failures), 0) as failures,
    count(budget.open_until) > 0 as is_open,
    (select probe from granted) as probe,
    coalesce(greatest(
        extract(epoch from max(greatest(budget.open_until, budget.paused_until)) - clock_timestamp()), 0
    ), 0)::float8 as wait_seconds
from passback.api_budget as budget
where budget.api = %(api)s
