-- Grain: one row per API. In: api, interval_seconds. Moves the API's next moment on by the interval, and returns the
-- seconds from now to the moment that was granted (0 or less: at once). A pause that PowerSchool asked for comes first. Nothing lies
-- further ahead than 1,000 s: such a moment was written before the clock was set back, and does not count.
insert into passback.api_budget as budget (api, next_at)
values (%(api)s, clock_timestamp() + make_interval(secs => %(interval_seconds)s))
on conflict (api) do update
set next_at = greatest(
        case when budget.next_at < clock_timestamp() + interval '1000 s' then budget.next_at end,
        case when budget.paused_until < clock_timestamp() + interval '1000 s' then budget.paused_until end,
        clock_timestamp()
    ) + make_interval(secs => %(interval_seconds)s)
returning extract(epoch from next_at - clock_timestamp())::float8 - %(interval_seconds)s::float8 as wait_seconds
