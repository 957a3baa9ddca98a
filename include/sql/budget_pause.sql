-- Grain: one row per API. In: api, seconds. PowerSchool asked to wait: nobody begins a request before paused_until,
-- which only ever moves on (from a moment over 1,000 s ahead, written before the clock was set back, to the new one). Returns paused_until.
insert into passback.api_budget as budget (api, next_at, paused_until)
values (%(api)s, clock_timestamp(), clock_timestamp() + make_interval(secs => %(seconds)s))
on conflict (api) do update
set paused_until = greatest(
    case when budget.paused_until < clock_timestamp() + interval '1000 s' then budget.paused_until end, excluded.paused_until
)
returning paused_until
