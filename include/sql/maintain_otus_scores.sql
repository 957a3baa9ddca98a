-- Grain: one staged Otus score of an item that is of an older school year by every day that is known of it; at most %(rows)s of them go.
-- The item itself stays, so that a score that comes late is not taken for one of nothing. Where the source lists everything each time
-- (%(listed)s), only what it lists no longer goes: the rest would come back. Inputs: %(before)s, %(zone)s, %(listed)s, %(rows)s.
with
over as materialized (
    select a.id
    from staging.otus_assignment as a
    left join staging.otus_assessment as m on m.id = a.assessment_id
    where greatest(
        a.due_date, a.submission_date + 7, (a.assigned_at at time zone %(zone)s)::date + 7, (m.created_at at time zone %(zone)s)::date + 7
    ) < %(before)s
)
delete from staging.otus_score
where ctid = any(array(
    select s.ctid from staging.otus_score as s join over on over.id = s.assignment_id where s.deleted or not %(listed)s limit %(rows)s
))
