-- Grain: one score of score_facts, the columns that the score rules judge.
select
    f.n, f.invalid, f.deleted, s.n is not null as superseded, f.has_number, f.enrolled, f.assigned, f.treatment as exception, f.points,
    f.unreadable, f.total
from score_facts as f
left join superseded_score as s using (n)
