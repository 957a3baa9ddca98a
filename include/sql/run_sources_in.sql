-- Grain: one source of the run in a state, in the sources' order. Inputs: %(run_key)s, %(state)s.
select source, seq from passback.run_source where run_key = %(run_key)s and state = %(state)s order by source
