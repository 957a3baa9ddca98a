-- Waits for the lock named `lock`, at most as long as `wait` says (e.g. 900s), and holds it to the end of the session.
select set_config('lock_timeout', %(wait)s, true);
select pg_advisory_lock(hashtextextended(%(lock)s, 0));
