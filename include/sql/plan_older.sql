-- Takes out of a plan that is being made what a later run has judged otherwise by a later state of the source, delivered or not: an older
-- version never goes over a newer one. Inputs: %(run_key)s, the temporary tables wanted and planned_score.
create temporary table judged_later on commit drop as
select
    i.item_key, j.run_key as later_run_key, j.codes & ~passback.day_codes() <> 0
        or (j.section_dcid, j.name, j.due_on, j.total, j.category) is distinct from (i.section_dcid, i.name, i.due_on, i.total, i.category) as outdated
from (select item_key from wanted where action <> 'none' union select item_key from planned_score) as c
join passback.run_item as i on i.run_key = %(run_key)s and i.item_key = c.item_key
join passback.run_item as j on j.item_key = c.item_key and j.run_key = passback.later_run(c.item_key, i.source, i.seq);

update wanted as w
set action = 'none', fresh = false, resends = false, newer = true
from judged_later as j
where j.item_key = w.item_key and j.outdated;

delete from planned_score as p
using judged_later as j
where j.item_key = p.item_key and (j.outdated or not exists (
    select from passback.run_score as s
    where s.run_key = j.later_run_key and s.item_key = p.item_key and s.student_number = p.student_number
        and s.codes & ~passback.day_codes() = 0 and (s.points, s.flags) is not distinct from (p.points, p.flags)
));

drop table judged_later
