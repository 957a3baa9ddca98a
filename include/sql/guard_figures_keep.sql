-- Grain: one figure of the run. Inputs: %(run_key)s, %(figures)s: a JSON array of objects in the columns' names.
insert into passback.guard_figure (run_key, figure, source, counted, of_all, value, limit_value, passed)
select %(run_key)s, figure, source, counted, of_all, value, limit_value, passed
from jsonb_to_recordset(%(figures)s::jsonb) as f(
    figure text, source text, counted bigint, of_all bigint, value double precision, limit_value double precision, passed boolean
)
