-- One row: whether this transaction now holds the ledger's rows of all that waits, each still as it was shown; it waits for none of them.
-- Needs the temporary tables waiting_item and waiting_score.
with
items as (
    select l.item_key
    from passback.ledger_item as l
    join waiting_item as w using (item_key)
    where l.unverified
        and (l.name_sent, l.due_sent, l.total_sent, l.category_sent) = (w.name_sent, w.due_sent, w.total_sent, w.category_sent)
    order by l.item_key
    for no key update of l skip locked
),
scores as (
    select c.item_key
    from passback.ledger_score as c
    join waiting_score as w on w.item_key = c.item_key and w.student_number = c.student_number
    where c.unverified
    order by c.item_key, c.student_number
    for no key update of c skip locked
)
select (select count(*) from items) = (select count(*) from waiting_item)
    and (select count(*) from scores) = (select count(*) from waiting_score) as free
