-- Grain: one row per API. In: api, probe (the number of a probe, null for another call), calls (in a row that open the breaker),
-- open_seconds (how long at first; each failed probe doubles it), longest_seconds. One more call ended without the API. While the
-- breaker is open only its newest probe counts: calls that were under way when it opened say nothing new. Returns failures, is_open and
-- wait_seconds to the next probe.
insert into passback.api_budget as budget (api, next_at, failures, open_until)
values (
    %(api)s, clock_timestamp(), 1,
    case when %(calls)s::int <= 1 then clock_timestamp() + make_interval(secs => %(open_seconds)s) end
)
on conflict (api) do update
set failures = case
        when budget.open_until is null or budget.probe = %(probe)s::bigint then budget.failures + 1
        else budget.failures
    end,
    open_until = case
        when (budget.open_until is null and budget.failures + 1 >= %(calls)s::int) or (
            budget.open_until is not null and budget.probe = %(probe)s::bigint
        ) then clock_timestamp() + make_interval(secs => least(
            %(longest_seconds)s::float8,
            %(open_seconds)s::float8 * power(2, least(greatest(budget.failures + 1 - %(calls)s::int, 0), 16))
        ))
        else budget.open_until
    end,
    probe_until = case when budget.probe = %(probe)s::bigint then null else budget.probe_until end
returning
    failures, open_until is not null as is_open,
    coalesce(greatest(extract(epoch from open_until - clock_timestamp()), 0), 0)::float8 as wait_seconds
