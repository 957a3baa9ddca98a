-- Grain: one score call that no answer has settled, in the unit's sections. Inputs: %(sections)s.
select call_id, section_dcid from passback.score_call where section_dcid = any(%(sections)s) and state = 'open' order by call_id
