-- Grain: one item or score of the run whose ledger row was rebuilt from PowerSchool. Where ours is what PowerSchool holds (a name also where
-- PowerSchool only keeps it otherwise) the row becomes ordinary, in a preview only for its plan; where they differ, the change waits as
-- UNVERIFIED, and its item's other scores go. A ledger row that a delivery is just writing is left as it is, until the next plan: this
-- transaction is long, waits for no row, and so stands in no circle of waits. Inputs: %(run_key)s, the temporary tables wanted and planned_score.
create temporary table unverified_item on commit drop as
select
    w.item_key, w.source, w.section_dcid, w.resends, i.name, i.due_on, i.total, i.category, i.seq,
    l.section_dcid as base_section_dcid, l.name_sent, l.due_sent, l.total_sent, l.category_sent,
    (i.name in (l.name_sent, l.name_held) or passback.same_letters(i.name, l.name_held))
        and i.due_on in (l.due_sent, l.due_held) and i.total in (l.total_sent, l.total_held)
        and i.category in (l.category_sent, l.category_held) as same
from passback.ledger_item as l
join wanted as w using (item_key)
join passback.run_item as i on i.run_key = %(run_key)s and i.item_key = l.item_key
where l.unverified and w.action in ('update', 'none') and l.section_dcid = i.section_dcid and l.state = 'live' and l.seq <= i.seq;

insert into passback.held_item (
    run_key, item_key, source, action, code, limits, base_section_dcid, base_name, base_due_on, base_total, base_category,
    section_dcid, name, due_on, total, category
)
select
    %(run_key)s, item_key, source, 'update', 'UNVERIFIED', 0, base_section_dcid, name_sent, due_sent, total_sent, category_sent,
    section_dcid, name, due_on, total, category
from unverified_item
where not same;

-- A limit that is no limit of the guard's: the item is planned for its scores only.
update wanted as w
set action = 'none', limits = case when u.same then 0 else 1 << 30 end
from unverified_item as u
where u.item_key = w.item_key;

insert into passback.held_score (
    run_key, item_key, student_number, source, action, code, limits, base_points, base_flags, points, flags
)
select
    %(run_key)s, p.item_key, p.student_number, p.source, p.action, 'UNVERIFIED', 0, p.base_points, p.base_flags, p.points, p.flags
from passback.ledger_score as c
join planned_score as p on p.item_key = c.item_key and p.student_number = c.student_number and p.action = 'update'
where c.unverified
union all
select
    %(run_key)s, p.item_key, p.student_number, p.source, p.action, 'UNVERIFIED', 0, p.base_points, p.base_flags, p.points, p.flags
from unverified_item as u
join planned_score as p on p.item_key = u.item_key and p.action = 'resend'
where not u.same;

delete from planned_score as p
using passback.held_score as h
where h.run_key = %(run_key)s and h.code = 'UNVERIFIED' and h.item_key = p.item_key and h.student_number = p.student_number;

delete from planned_score as p using unverified_item as u where u.item_key = p.item_key and p.action = 'resend';

with
free as (
    select l.item_key
    from passback.ledger_item as l
    join unverified_item as u on u.item_key = l.item_key and u.same
    where l.unverified
    order by l.item_key
    for no key update of l skip locked
)
update passback.ledger_item as l
set unverified = false, name_sent = u.name, due_sent = u.due_on, total_sent = u.total, category_sent = u.category
from unverified_item as u
join free using (item_key)
join passback.run as r on r.run_key = %(run_key)s and not r.dry_run
where u.item_key = l.item_key and u.same and l.unverified and l.seq <= u.seq
    and (l.name_sent, l.due_sent, l.total_sent, l.category_sent) = (u.name_sent, u.due_sent, u.total_sent, u.category_sent);

with
free as (
    select c.item_key, c.student_number, s.points, s.flags
    from passback.ledger_score as c
    join passback.run_score as s
        on s.run_key = %(run_key)s and s.item_key = c.item_key and s.student_number = c.student_number and s.outcome is null
    join passback.run as r on r.run_key = s.run_key and not r.dry_run
    where c.unverified
    order by c.item_key, c.student_number
    for no key update of c skip locked
)
update passback.ledger_score as c
set unverified = false
from free as f
where c.unverified and f.item_key = c.item_key and f.student_number = c.student_number
    and (f.points, f.flags) is not distinct from (c.points_sent, c.flags_sent);
