-- The waiting changes may go: the next run sends the source's values, if PowerSchool still holds what was shown; an edit of since is
-- told as one. Inputs: %(by)s, %(sections)s; the temporary tables waiting_item and waiting_score. Gives one row: how many.
update passback.ledger_item as l set unverified = false from waiting_item as w where l.item_key = w.item_key;

update passback.ledger_score as c set unverified = false
from waiting_score as w
where c.item_key = w.item_key and c.student_number = w.student_number;

insert into passback.unverified_release (accepted, released_by, sections, items, scores)
select 'source', %(by)s, %(sections)s::bigint[], (select count(*) from waiting_item), (select count(*) from waiting_score)
returning items, scores
