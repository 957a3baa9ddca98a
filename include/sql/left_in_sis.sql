-- Grain: one item, or one score of a passing item, that the ledger holds and that no longer passes: the warning LEFT_IN_SIS.
-- Not where a closed grading period alone keeps the item out (item_verdict.ended), not on scores that inherit, and once a student.
-- Inputs: %(run_key)s, %(source)s.
update passback.run_item as i
set codes = i.codes | passback.mask('LEFT_IN_SIS')
from passback.ledger_item as l
where i.run_key = %(run_key)s and i.source = %(source)s and l.item_key = i.item_key and l.state = 'live' and i.outcome is not null
    and not (i.codes = passback.mask('DUE_DATE_OUTSIDE_PERIOD') and exists (
        select from item_verdict as v join item_facts as f using (n) where v.ended and f.item_key = i.item_key
    ));

with
failing as (
    select
        s.ctid as place,
        row_number() over (
            partition by s.item_key, s.student_number
            order by (s.codes & (passback.mask('SOURCE_DELETED') | passback.mask('SOURCE_RECORD_INVALID')) <> 0), s.source_score_id desc
        ) as rank
    from passback.run_score as s
    join passback.run_item as i on i.run_key = s.run_key and i.item_no = s.item_no and i.outcome is null
    join passback.ledger_item as m on m.item_key = s.item_key and m.state = 'live'
    join passback.ledger_score as l on l.item_key = s.item_key and l.student_number = s.student_number
    where s.run_key = %(run_key)s and s.source = %(source)s and s.outcome is not null and s.codes & passback.mask('SUPERSEDED') = 0
        and not exists (
            select from passback.run_score as o
            where o.run_key = s.run_key and o.item_key = s.item_key and o.student_number = s.student_number and o.outcome is null
        )
)
update passback.run_score as s
set codes = s.codes | passback.mask('LEFT_IN_SIS')
from failing as f
where s.ctid = f.place and f.rank = 1 and s.run_key = %(run_key)s;
