-- Grain: one row. In: api, slots (how many there are), start (which to try first). Takes the first free slot as an
-- advisory lock of this session. Returns slot (null: none is free, or a pause runs), pause_seconds (0: no pause), and the breaker's
-- state: failures and is_open. While it is open a pause is not waited for: what takes the slot ends at once, unasked.
-- A session could take its own lock twice, so slots that it holds are left out; `case` keeps the order of the tests.
with pause as materialized (
    select
        -- No pause is as long as that: what is further away was written before the clock was set back.
        greatest(coalesce(max(extract(epoch from paused_until - clock_timestamp())) filter (
            where paused_until < clock_timestamp() + interval '1000 s'
        ), 0), 0)::float8 as seconds,
        coalesce(max(failures), 0) as failures,
        count(open_until) > 0 as is_open
    from passback.api_budget
    where api = %(api)s
),

held as materialized (
    select objid::int as slot
    from pg_locks
    where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())
        and classid::bigint = (hashtext('passback.budget.' || %(api)s)::bigint & 4294967295)
        and objsubid = 2
        and pid = pg_backend_pid()
),

taken as materialized (
    select candidate.slot
    from (
        select mod(number + %(start)s::int, %(slots)s::int) as slot
        from generate_series(0, %(slots)s::int - 1) as number
    ) as candidate
    where case
        when (select seconds > 0 and not is_open from pause) then false
        when candidate.slot in (select slot from held) then false
        else pg_try_advisory_lock(hashtext('passback.budget.' || %(api)s), candidate.slot)
    end
    limit 1
)

select
    (select slot from taken) as slot,
    pause.seconds as pause_seconds,
    pause.failures,
    pause.is_open
from pause
