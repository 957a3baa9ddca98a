-- Grain: one row of passback.book a source, school and level of the run, from `cube`; `staged` is counted apart, from the run's own rows.
delete from passback.book where run_key = %(run_key)s;
insert into passback.book
with
staged as (
    select source, coalesce(school_number, '') as school_number, 'item' as level, count(*) as staged
    from passback.run_item
    where run_key = %(run_key)s
    group by 1, 2
    union all
    select s.source, coalesce(i.school_number, ''), 'score', sum(s.count)
    from (select source, item_no, count(*) as count from passback.run_score where run_key = %(run_key)s group by 1, 2) as s
    left join passback.run_item as i on i.run_key = %(run_key)s and i.item_no = s.item_no
    group by 1, 2
),
told as (
    select
        source, school_number, level,
        sum(count) filter (where outcome = 'created') as created,
        sum(count) filter (where outcome = 'updated') as updated,
        sum(count) filter (where outcome = 'unchanged') as unchanged,
        sum(count) filter (where outcome = 'skipped') as skipped,
        sum(count) filter (where outcome = 'held') as held,
        sum(count) filter (where outcome = 'failed') as failed,
        sum(count) filter (where outcome in ('created', 'updated') and confirmed) as confirmed,
        sum(count) filter (where codes & passback.mask('VERIFY_MISMATCH') <> 0 and not inherited) as mismatched
    from cube
    group by 1, 2, 3
)
select
    %(run_key)s, source, school_number, level, coalesce(staged, 0), coalesce(created, 0), coalesce(updated, 0), coalesce(unchanged, 0),
    coalesce(skipped, 0), coalesce(held, 0), coalesce(failed, 0), coalesce(confirmed, 0), coalesce(mismatched, 0)
from staged
full join told using (source, school_number, level);
delete from passback.book_code where run_key = %(run_key)s;
insert into passback.book_code (run_key, level, code, count)
select %(run_key)s, o.level, c.code, sum(o.count)
from cube as o
join passback.code as c on o.codes & (1::bigint << c.bit) <> 0
group by o.level, c.code;
