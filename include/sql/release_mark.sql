-- Marks in the temporary tables wanted and planned_score what is none of the approved changes: its old or its new value is another one.
-- An item that is not made makes all its scores wait; what would go along with an item's change waits with it.
-- Inputs: %(run_key)s of the release, %(bit)s.
update wanted as w
set limits = %(bit)s
where w.action in ('create', 'update') and not exists (
    select
    from passback.release_item as a
    join passback.run_item as i on i.run_key = a.run_key and i.item_key = a.item_key
    left join passback.ledger_item as l on l.item_key = a.item_key
    where a.run_key = %(run_key)s and a.item_key = w.item_key and a.changes
        and (a.base_section_dcid, a.base_name, a.base_due_on, a.base_total, a.base_category)
            is not distinct from (l.section_dcid, l.name_sent, l.due_sent, l.total_sent, l.category_sent)
        and (a.section_dcid, a.name, a.due_on, a.total, a.category)
            is not distinct from (w.section_dcid, i.name, i.due_on, i.total, i.category)
);

update planned_score as p
set limits = %(bit)s
from wanted as w
where w.item_key = p.item_key and case
    when p.action = 'resend' or w.action = 'create' and w.limits <> 0 then w.limits <> 0
    else not exists (
        select
        from passback.release_score as a
        where a.run_key = %(run_key)s and a.item_key = p.item_key and a.student_number = p.student_number
            and (a.base_points, a.base_flags, a.points, a.flags)
                is not distinct from (p.base_points, p.base_flags, p.points, p.flags)
    )
end
