-- Grain: one note of the run: what its reader should know and what makes it no redder. Inputs: %(run_key)s.
select step, message from passback.run_note where run_key = %(run_key)s order by recorded_at, step, message
