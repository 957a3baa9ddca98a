-- Grain: one Otus score. Brings the temporary table incoming_scores into staging.otus_score under the extraction's number
-- `seq`; rows that do not differ are not touched. Where `tells_deleted`, what did not come is gone from Otus. Gives the rows
-- touched.
with
repeated as (
    select id from incoming_scores group by id having count(*) > 1
),
ranked as (
    select i.ctid as place, row_number() over (partition by i.id order by i.updated_at desc, i.ctid desc) as version
    from incoming_scores as i
    join repeated as r on r.id = i.id
),
dropped as (
    delete from incoming_scores as i using ranked where i.ctid = ranked.place and ranked.version > 1 returning i.id
)
insert into incoming_repeats (collection, repeated) select 'scores', count(*) from dropped;

analyze incoming_scores;

delete from staging.quarantine as q
where q.source = 'otus' and q.collection = 'scores'
    and (%(tells_deleted)s or q.source_id = '' or exists (select from incoming_scores as i where i.id = q.source_id));

insert into staging.quarantine (source, collection, seq, place, source_id, field, found_type, reason)
select 'otus', n.collection, %(seq)s, n.place, n.source_id, n.field, n.found_type, n.reason
from incoming_quarantine as n
where n.collection = 'scores'
    and (n.source_id = '' or exists (select from incoming_scores as i where i.id = n.source_id and i.invalid = n.reason))
    and not exists (
        select from incoming_quarantine as later
        where later.collection = n.collection and later.source_id = n.source_id and later.source_id <> ''
            and later.reason = n.reason and later.position > n.position
    )
order by n.position;

update staging.otus_score as s
set deleted = true, invalid = null, seq = %(seq)s
where %(tells_deleted)s and not s.deleted and not exists (select from incoming_scores as i where i.id = s.id);

merge into staging.otus_score as s
using (
    select
        id, case when invalid is null then updated_at end as updated_at, deleted, invalid,
        assignment_id, student_id, status, points, excluded
    from incoming_scores
) as i on i.id = s.id
when matched and (
    s.updated_at, s.deleted, s.invalid, s.assignment_id, s.student_id, s.status, s.points, s.excluded
) is distinct from (
    i.updated_at, i.deleted, i.invalid, i.assignment_id, i.student_id, i.status, i.points, i.excluded
) then update set
    updated_at = i.updated_at, deleted = i.deleted, invalid = i.invalid, seq = %(seq)s,
    assignment_id = i.assignment_id, student_id = i.student_id, status = i.status, points = i.points,
    excluded = i.excluded
when not matched then insert (
    id, seq, updated_at, deleted, invalid, assignment_id, student_id, status, points, excluded
) values (
    i.id, %(seq)s, i.updated_at, i.deleted, i.invalid, i.assignment_id, i.student_id, i.status, i.points, i.excluded
);
