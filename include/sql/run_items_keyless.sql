-- Grain: one staged assignment or grade item that has no id, a failed item with an empty key, while its extraction is the source's latest;
-- Schoology's sections are read one by one: there it stands until its section is read again.
-- Inputs: %(run_key)s, %(source)s, %(seq)s, %(collection)s; %(first_no)s: the last item number given so far.
insert into passback.run_item (run_key, item_no, source, source_item_id, title, codes, outcome, message, seq)
select
    %(run_key)s, %(first_no)s + row_number() over (order by q.quarantine_id), q.source, '', '',
    passback.mask('SOURCE_RECORD_INVALID'), 'failed', replace(c.message, '{reason}', q.place || ': ' || q.reason), %(seq)s
from staging.quarantine as q
join passback.code as c on c.code = 'SOURCE_RECORD_INVALID'
where q.source = %(source)s and q.collection = %(collection)s and q.source_id = ''
    and (q.seq = %(seq)s or exists (
        select from staging.schoology_section as s where q.source = 'schoology' and s.id = q.section_id and not s.deleted
    ))
