-- Grain: one score of score_facts, the columns that the score rules judge.
select n, invalid, deleted, superseded, has_number, enrolled, assigned, treatment as exception, points, unreadable, total from score_facts
