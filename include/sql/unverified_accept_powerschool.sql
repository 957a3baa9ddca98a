-- PowerSchool's values stay: base becomes ours, so that nothing is sent until the source changes again.
-- Inputs: %(by)s, %(sections)s; the temporary tables waiting_item and waiting_score. Gives one row: how many.
update passback.ledger_item as l
set unverified = false, name_sent = w.name, due_sent = w.due_on, total_sent = w.total, category_sent = w.category,
    updated_at = clock_timestamp()
from waiting_item as w
where l.item_key = w.item_key;

update passback.ledger_score as c
set unverified = false, points_sent = w.points, flags_sent = w.flags
from waiting_score as w
where c.item_key = w.item_key and c.student_number = w.student_number;

insert into passback.unverified_release (accepted, released_by, sections, items, scores)
select 'powerschool', %(by)s, %(sections)s::bigint[], (select count(*) from waiting_item), (select count(*) from waiting_score)
returning items, scores
