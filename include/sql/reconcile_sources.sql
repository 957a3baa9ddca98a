-- Grain: one source that was on in the run.
select source, state, reason from passback.run_source where run_key = %(run_key)s order by source;
