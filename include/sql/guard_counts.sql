-- One row: what the guard's figures count, and what the shares are of. No inputs but the temporary tables wanted, planned_score and in_scope.
-- A score is halved where it falls below half of what was delivered; a resend is no change.
with
scores as (
    select
        count(*) filter (where p.action = 'update' and s.item_key is not null) as scores_changed,
        count(*) filter (where p.action = 'update' and s.item_key is not null and 2 * p.points < p.base_points) as scores_halved,
        count(*) filter (where p.action <> 'resend' and p.points = 0 and p.base_points is distinct from 0) as new_zeros
    from planned_score as p
    left join in_scope as s using (item_key)
),
items as (
    select count(*) as items_changed from wanted as w join in_scope as s using (item_key) where w.action = 'update'
)
select
    scores_changed, scores_halved, new_zeros, items_changed,
    case when scores_changed > 0 then (select count(*) from passback.ledger_score join in_scope using (item_key)) else 0 end as scores,
    (select count(*) from in_scope) as items
from scores cross join items
