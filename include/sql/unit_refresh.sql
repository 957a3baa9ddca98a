-- The second look, under the sections' locks: a planned score whose base has moved since is dropped, or planned anew on the new base;
-- one that a later extraction has delivered since is dropped, even where that one came back to the old value. A release has approved old and
-- new, so there whatever has moved is dropped. So is what an earlier attempt planned, an answer has now settled as not sent, and waits since.
-- Nothing that this run has proved is touched. Inputs: %(run_key)s, %(sections)s.
create temporary table moved_base on commit drop as
select
    p.item_key, p.student_number, l.points_sent, l.flags_sent, l.points_held, l.flags_held, l.item_key is not null as has_base,
    coalesce(l.seq, 0) > p.seq or coalesce(l.unverified, false) or exists (select from passback.release as q where q.run_key = p.run_key)
        or (l.item_key is not null and (l.points_sent, l.flags_sent) is not distinct from (p.points, p.flags)) as drops
from passback.plan_score as p
join passback.plan_item as i using (run_key, item_key)
left join passback.ledger_item as m on m.item_key = p.item_key and m.section_dcid = i.section_dcid and m.state = 'live'
left join passback.ledger_score as l on l.item_key = m.item_key and l.student_number = p.student_number
left join passback.score_call as c on c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch
where p.run_key = %(run_key)s and i.section_dcid = any(%(sections)s) and c.state is distinct from 'accepted'
    and ((l.points_sent, l.flags_sent) is distinct from (p.base_points, p.base_flags) or l.seq > p.seq);

insert into passback.score_exception (run_key, item_key, student_number, state)
select %(run_key)s, item_key, student_number, 'dropped' from moved_base where drops
on conflict (run_key, item_key, student_number) do update set state = 'dropped', code = '';

update passback.plan_score as p
set action = case when b.has_base then 'update' else 'create' end,
    base_points = b.points_sent, base_flags = b.flags_sent, held_points = b.points_held, held_flags = b.flags_held
from moved_base as b
where p.run_key = %(run_key)s and p.item_key = b.item_key and p.student_number = b.student_number and not b.drops;

insert into passback.score_exception (run_key, item_key, student_number, state)
select p.run_key, p.item_key, p.student_number, 'dropped'
from passback.held_score as h
join passback.plan_score as p using (run_key, item_key, student_number)
join passback.plan_item as i using (run_key, item_key)
left join passback.score_call as c on c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch
where h.run_key = %(run_key)s and i.section_dcid = any(%(sections)s) and c.state is distinct from 'accepted'
on conflict (run_key, item_key, student_number) do update set state = 'dropped', code = '';

drop table moved_base
