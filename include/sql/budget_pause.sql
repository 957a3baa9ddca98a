-- Grain: one row per API. In: api, seconds. PowerSchool asked to wait: nobody begins a request before paused_until,
-- which only ever moves on. Returns paused_until.
insert into passback.api_budget as budget (api, next_at, paused_until)
values (%(api)s, clock_timestamp(), clock_timestamp() + make_interval(secs => %(seconds)s))
on conflict (api) do update
set paused_until = greatest(budget.paused_until, excluded.paused_until)
returning paused_until
