-- Grain: one score of the run. Keeps score_facts with their verdicts (temporary table score_verdict: n, codes).
-- Inputs: %(run_key)s, %(source)s.
insert into passback.run_score (
    run_key, item_no, item_key, source, source_score_id, source_item_id, student_number, student_dcid, points, flags, codes, outcome, message
)
select
    %(run_key)s, f.item_no, f.item_key, %(source)s, f.source_score_id, f.source_item_id, f.student_number, f.student_dcid,
    f.points, f.flags, coalesce(v.codes, 0), nullif(c.outcome, ''),
    case
        when f.invalid then replace(c.message, '{reason}', f.why_invalid)
        when c.code = 'EXCEPTION_UNMAPPED' then replace(c.message, '{exception}', f.exception::text)
    end
from score_facts as f
left join score_verdict as v using (n)
left join passback.code as c on 1::bigint << c.bit = v.codes & -v.codes
