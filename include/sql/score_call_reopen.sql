-- One score call, found not done, on record again before it is repeated. Inputs: %(call_id)s.
update passback.score_call set state = 'open', settled_at = null, opened_at = clock_timestamp() where call_id = %(call_id)s
