-- One row: the state of a score call. Inputs: %(call_id)s.
select state from passback.score_call where call_id = %(call_id)s
