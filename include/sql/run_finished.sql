-- Grain: the run: whether its books are drawn up. Inputs: %(run_key)s.
select finished_at is not null as finished from passback.run where run_key = %(run_key)s
