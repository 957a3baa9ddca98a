-- Grain: one staged assignment that has no id, a failed item with an empty key, while its extraction is the source's latest.
-- Inputs: %(run_key)s, %(source)s, %(seq)s, %(collection)s; %(first_no)s: the last item number given so far.
insert into passback.run_item (run_key, item_no, source, source_item_id, title, codes, outcome, message, seq)
select
    %(run_key)s, %(first_no)s + row_number() over (order by q.quarantine_id), q.source, '', '',
    passback.mask('SOURCE_RECORD_INVALID'), 'failed', replace(c.message, '{reason}', q.place || ': ' || q.reason), %(seq)s
from staging.quarantine as q
join passback.code as c on c.code = 'SOURCE_RECORD_INVALID'
where q.source = %(source)s and q.seq = %(seq)s and q.collection = %(collection)s and q.source_id = ''
