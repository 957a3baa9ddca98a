-- Grain: one score of score_facts, the columns that the score rules judge.
select n, invalid, deleted, superseded, has_number, enrolled, excluded, status, points, total from score_facts
