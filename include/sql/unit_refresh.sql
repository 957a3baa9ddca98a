-- The second look, under the sections' locks: a planned score whose base has moved since is dropped, or planned anew on the new base;
-- one that a later extraction has delivered since is dropped, even where that one came back to the old value, and so is what a later run
-- has judged otherwise by a later state of the source, delivered or not: an older version never goes over a newer one. All scores of an
-- item are dropped that was delivered (also in another section) or judged otherwise since. A release has approved old and
-- new, so there whatever has moved is dropped. So is what an earlier attempt planned, an answer has now settled as not sent, and waits since.
-- Nothing that this run has proved is touched. Inputs: %(run_key)s, %(sections)s.
create temporary table looked_at_again on commit drop as
select
    i.item_key, i.section_dcid, r.seq, j.run_key as later_run_key, coalesce(k.seq > r.seq, false) or (j.run_key is not null and (
        j.codes & ~passback.day_codes() <> 0
        or (j.section_dcid, j.name, j.due_on, j.total, j.category) is distinct from (r.section_dcid, r.name, r.due_on, r.total, r.category)
    )) as outdated
from passback.plan_item as i
join passback.run_item as r on r.run_key = i.run_key and r.item_key = i.item_key
left join passback.ledger_item as k on k.item_key = i.item_key
left join passback.run_item as j on j.item_key = i.item_key and j.run_key = passback.later_run(i.item_key, r.source, r.seq)
where i.run_key = %(run_key)s and i.section_dcid = any(%(sections)s);

create temporary table moved_base on commit drop as
with
unsent as (
    select
        p.*, i.outdated or (i.later_run_key is not null and not exists (
            select from passback.run_score as s
            where s.run_key = i.later_run_key and s.item_key = p.item_key and s.student_number = p.student_number
                and s.codes & ~passback.day_codes() = 0 and (s.points, s.flags) is not distinct from (p.points, p.flags)
        )) as outdated,
        l.item_key is not null as has_base, l.points_sent, l.flags_sent, l.points_held, l.flags_held, l.seq as base_seq, l.unverified
    from passback.plan_score as p
    join looked_at_again as i using (item_key)
    left join passback.ledger_item as m on m.item_key = p.item_key and m.section_dcid = i.section_dcid and m.state = 'live'
    left join passback.ledger_score as l on l.item_key = m.item_key and l.student_number = p.student_number
    left join passback.score_call as c on c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch
    where p.run_key = %(run_key)s and c.state is distinct from 'accepted'
)
select
    item_key, student_number, points_sent, flags_sent, points_held, flags_held, has_base,
    outdated or coalesce(base_seq, 0) > seq or coalesce(unverified, false)
        or exists (select from passback.release as q where q.run_key = %(run_key)s)
        or (has_base and (points_sent, flags_sent) is not distinct from (points, flags)) as drops
from unsent
where outdated or (points_sent, flags_sent) is distinct from (base_points, base_flags) or base_seq > seq;

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

drop table moved_base, looked_at_again
