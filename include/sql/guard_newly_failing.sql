-- One row: how many items passed in the last night that judged them and are judged in the same period now, and how many of those fail with
-- a code that somebody must act on. The same period: one holds both as-of days and the due date of then; of the section's own term where
-- the roster still has the section, else of the school's. Asked once for all items of a school, term and day.
-- Inputs: %(run_key)s, %(source)s, %(nights)s: run keys (one, or the nights of some schools since the last whole one), %(store_codes)s.
with
before as (
    select distinct on (i.item_key) i.item_key, i.outcome, i.due_on, i.school_number, i.section_dcid, r.as_of
    from passback.run_item as i
    join passback.run as r using (run_key)
    where i.run_key = any(%(nights)s) and i.source = %(source)s and i.item_key is not null
    order by i.item_key, r.as_of desc, r.started_at desc, r.run_key desc
),
passed as materialized (
    select b.item_key, b.due_on, b.as_of, b.school_number, coalesce(s.term_id, 0) as term_id
    from before as b
    left join staging.section as s using (section_dcid)
    where b.outcome is null
),
period as materialized (
    select g.school_number, g.term_id, g.first_day, g.last_day
    from staging.grading_period as g
    where g.store_code = any(%(store_codes)s)
),
same_period as materialized (
    select p.school_number, p.term_id, p.due_on, p.as_of
    from (select distinct school_number, term_id, due_on, as_of from passed) as p
    join passback.run as this on this.run_key = %(run_key)s
    where exists (
        select
        from period as g
        where g.school_number = p.school_number
            and (g.term_id = p.term_id or not exists (
                select from period as own where own.school_number = p.school_number and own.term_id = p.term_id))
            and p.due_on between g.first_day and g.last_day and p.as_of between g.first_day and g.last_day
            and this.as_of between g.first_day and g.last_day
    )
)
select
    count(*) as passed,
    count(*) filter (
        where i.outcome is not null
            and i.codes & (select bit_or(1::bigint << bit) from passback.code where severity = 'action') <> 0
    ) as failing
from passed as p
join same_period using (school_number, term_id, due_on, as_of)
join passback.run_item as i on i.run_key = %(run_key)s and i.item_key = p.item_key
