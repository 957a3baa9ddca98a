-- Grain: one staged score that has no id, a failed score with an empty key, while its extraction is the source's latest; Schoology's
-- sections are read one by one: there it stands until its section is read again.
-- Inputs: %(run_key)s, %(source)s, %(seq)s, %(collection)s.
insert into passback.run_score (run_key, source, source_score_id, source_item_id, codes, outcome, message)
select
    %(run_key)s, q.source, '', '', passback.mask('SOURCE_RECORD_INVALID'), 'failed',
    replace(c.message, '{reason}', q.place || ': ' || q.reason)
from staging.quarantine as q
join passback.code as c on c.code = 'SOURCE_RECORD_INVALID'
where q.source = %(source)s and q.collection = %(collection)s and q.source_id = ''
    and (q.seq = %(seq)s or exists (
        select from staging.schoology_section as s where q.source = 'schoology' and s.id = q.section_id and not s.deleted
    ))
