-- Grain: one reason (or several together) for which changes of a source wait, with how many; resends are no changes. Inputs: %(run_key)s.
select source, code, limits, count(*) filter (where level = 'item') as items, count(*) filter (where level = 'score') as scores
from (
    select source, code, limits, 'item' as level from passback.held_item where run_key = %(run_key)s
    union all
    select source, code, limits, case when action <> 'resend' then 'score' end from passback.held_score where run_key = %(run_key)s
) as held
group by source, code, limits
order by source, code, limits
