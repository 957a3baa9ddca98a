-- Grain: one item of the ledger in the run's scope (the sources that it read, its schools) and in a current period by the due date that was
-- delivered. Makes the temporary table in_scope, empty where the plan changes nothing of the ledger. Inputs: %(run_key)s, the temporary tables
-- wanted, planned_score and guard_window.
create temporary table in_scope on commit drop as
select l.item_key
from passback.ledger_item as l
join passback.item as i using (item_key)
join passback.run as r on r.run_key = %(run_key)s
join passback.run_source as o on o.run_key = r.run_key and o.source = i.source and o.state = 'read'
join staging.section as s using (section_dcid)
where (exists (select from planned_score where action = 'update') or exists (select from wanted where action = 'update'))
    and l.state = 'live'
    and (r.schools is null or s.school_number = any(r.schools))
    and exists (
        select from guard_window as w
        where w.is_current and w.school_number = s.school_number and w.term_id = s.term_id
            and l.due_sent between w.first_day and w.last_day
    );

create unique index on in_scope (item_key);
analyze in_scope
