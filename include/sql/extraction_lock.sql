-- Waits for the lock named `lock`, at most as long as `wait` says (e.g. 900s), and holds it to the end of the transaction.
select set_config('lock_timeout', %(wait)s, true);
select pg_advisory_xact_lock(hashtextextended(%(lock)s, 0));
select set_config('lock_timeout', '0', true);
