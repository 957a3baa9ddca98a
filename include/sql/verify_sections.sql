-- Grain: one section in which the run has writes that were accepted and not read back yet. Inputs: %(run_key)s.
select section_dcid from passback.score_call where run_key = %(run_key)s and state = 'accepted' and not verified
union
select section_dcid from passback.plan_item where run_key = %(run_key)s and proved is not null and confirmed is null
order by section_dcid
