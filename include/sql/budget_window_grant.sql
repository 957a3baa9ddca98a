-- Grain: one row per API. In: api, requests and window_seconds. Grants the next request: at once, or as soon as no more than so many
-- were granted in a window of that length before it, and not before a pause ends. The row's lock puts all processes in one line.
-- A pause of over 900 s was never asked for, and a grant of over a minute after it never given: then this clock went back, the pause
-- counts for nothing, and the line begins anew, a window from now.
-- Returns wait_seconds from now to the moment that was granted, and how much of that a pause asks for.
insert into passback.api_budget as budget (api, next_at, granted_at)
values (%(api)s, clock_timestamp(), array[clock_timestamp()])
on conflict (api) do update
set
    paused_until = case when budget.paused_until <= clock_timestamp() + interval '900 s' then budget.paused_until end,
    granted_at = case
        when budget.granted_at[cardinality(budget.granted_at)] > interval '60 s' + greatest(
            clock_timestamp(),
            case when budget.paused_until <= clock_timestamp() + interval '900 s' then budget.paused_until end
        )
            then array[clock_timestamp() + make_interval(secs => %(window_seconds)s)]
        else budget.granted_at[greatest(cardinality(budget.granted_at) - %(requests)s::int + 2, 1):] || greatest(
            clock_timestamp(),
            case when budget.paused_until <= clock_timestamp() + interval '900 s' then budget.paused_until end,
            budget.granted_at[cardinality(budget.granted_at)],
            budget.granted_at[cardinality(budget.granted_at) - %(requests)s::int + 1] + make_interval(secs => %(window_seconds)s)
        )
    end
returning
    greatest(extract(epoch from granted_at[cardinality(granted_at)] - clock_timestamp()), 0)::float8 as wait_seconds,
    greatest(extract(epoch from paused_until - clock_timestamp()), 0)::float8 as pause_seconds
