-- Grain: one readable item of the run with a section: is it in the ledger, has it a score that passes its own rules?
-- Inputs: %(run_key)s, %(source)s.
select
    i.item_no,
    coalesce(l.section_dcid = i.section_dcid, false) as in_ledger,
    exists (
        select from passback.run_score as s where s.run_key = i.run_key and s.item_key = i.item_key and s.outcome is null
    ) as has_passing_score
from passback.run_item as i
left join passback.ledger_item as l using (item_key)
where i.run_key = %(run_key)s and i.source = %(source)s and i.section_dcid is not null
    and i.codes & (passback.mask('SOURCE_RECORD_INVALID') | passback.mask('SOURCE_DELETED')) = 0
order by i.item_no
