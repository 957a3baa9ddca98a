-- Grain: one row. Whether this session now holds the lock named `lock`, over all its transactions.
select pg_try_advisory_lock(hashtextextended(%(lock)s, 0)) as held;
