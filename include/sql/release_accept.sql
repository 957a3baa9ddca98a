-- What waited as UNVERIFIED and is approved becomes an ordinary change, where the ledger is still as it was shown: base and ours decide from
-- here on. Rows are taken in their order. Inputs: %(run_key)s of the release, %(by)s.
with
item_rows as (
    select l.item_key
    from passback.ledger_item as l
    join passback.release_item as a on a.run_key = %(run_key)s and a.code = 'UNVERIFIED' and a.item_key = l.item_key
    where l.unverified
    order by l.item_key
    for no key update of l
),
score_rows as (
    select l.item_key, l.student_number
    from passback.ledger_score as l
    join passback.release_score as a
        on a.run_key = %(run_key)s and a.code = 'UNVERIFIED' and a.item_key = l.item_key and a.student_number = l.student_number
    where l.unverified
    order by l.item_key, l.student_number
    for no key update of l
),
items as (
    update passback.ledger_item as l
    set unverified = false
    from passback.release_item as a
    join item_rows using (item_key)
    where a.run_key = %(run_key)s and a.code = 'UNVERIFIED' and a.item_key = l.item_key and l.unverified
        and (a.base_section_dcid, a.base_name, a.base_due_on, a.base_total, a.base_category)
            is not distinct from (l.section_dcid, l.name_sent, l.due_sent, l.total_sent, l.category_sent)
    returning l.item_key
),
scores as (
    update passback.ledger_score as l
    set unverified = false
    from passback.release_score as a
    join score_rows using (item_key, student_number)
    where a.run_key = %(run_key)s and a.code = 'UNVERIFIED' and a.item_key = l.item_key and a.student_number = l.student_number
        and l.unverified and (a.base_points, a.base_flags) is not distinct from (l.points_sent, l.flags_sent)
    returning l.item_key
),
accepted as (
    select (select count(*) from items) as items, (select count(*) from scores) as scores
)
insert into passback.unverified_release (accepted, released_by, items, scores)
select 'source', %(by)s, items, scores from accepted where items + scores > 0
