-- Grain: one row. Whether this transaction now holds the lock named `lock`.
select pg_try_advisory_xact_lock(hashtextextended(%(lock)s, 0)) as held;
