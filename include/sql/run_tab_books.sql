-- Grain: one level of one source of the run, as its books were drawn up. Inputs: %(run_key)s.
select
    source, level, sum(staged)::bigint as staged, sum(created)::bigint as created, sum(updated)::bigint as updated,
    sum(unchanged)::bigint as unchanged, sum(skipped)::bigint as skipped, sum(held)::bigint as held, sum(failed)::bigint as failed,
    sum(confirmed)::bigint as confirmed, sum(mismatched)::bigint as mismatched
from passback.book
where run_key = %(run_key)s
group by source, level
order by source, level
