-- One row: how many staged Otus scores are of an older school year (see maintain_otus_scores). Inputs: %(before)s, %(zone)s, %(listed)s.
with
over as (
    select a.id
    from staging.otus_assignment as a
    left join staging.otus_assessment as m on m.id = a.assessment_id
    where greatest(
        a.due_date, a.submission_date + 7, (a.assigned_at at time zone %(zone)s)::date + 7, (m.created_at at time zone %(zone)s)::date + 7
    ) < %(before)s
)
select count(*) as rows from staging.otus_score as s join over on over.id = s.assignment_id where s.deleted or not %(listed)s
