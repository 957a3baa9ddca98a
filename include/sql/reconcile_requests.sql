-- Grain: the run's requests, over all systems and steps.
select coalesce(sum(total), 0)::bigint as total, coalesce(sum(retried), 0)::bigint as retried,
    coalesce(sum(throttled), 0)::bigint as throttled
from passback.run_requests
where run_key = %(run_key)s;
