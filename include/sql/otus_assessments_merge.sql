-- Grain: one Otus assessment. Brings the temporary table incoming_assessments into staging.otus_assessment under the
-- extraction's number `seq`; rows that do not differ are not touched. Where `tells_deleted`, what did not come is gone from
-- Otus. Gives the rows touched.
with
repeated as (
    select id from incoming_assessments group by id having count(*) > 1
),
ranked as (
    select i.ctid as place, row_number() over (partition by i.id order by i.updated_at desc, i.ctid desc) as version
    from incoming_assessments as i
    join repeated as r on r.id = i.id
),
dropped as (
    delete from incoming_assessments as i using ranked where i.ctid = ranked.place and ranked.version > 1 returning i.id
)
insert into incoming_repeats (collection, repeated) select 'assessments', count(*) from dropped;

analyze incoming_assessments;

delete from staging.quarantine as q
where q.source = 'otus' and q.collection = 'assessments'
    and (%(tells_deleted)s or q.source_id = '' or exists (select from incoming_assessments as i where i.id = q.source_id));

insert into staging.quarantine (source, collection, seq, place, source_id, field, found_type, reason)
select 'otus', n.collection, %(seq)s, n.place, n.source_id, n.field, n.found_type, n.reason
from incoming_quarantine as n
where n.collection = 'assessments'
    and (n.source_id = '' or exists (select from incoming_assessments as i where i.id = n.source_id and i.invalid = n.reason))
    and not exists (
        select from incoming_quarantine as later
        where later.collection = n.collection and later.source_id = n.source_id and later.source_id <> ''
            and later.reason = n.reason and later.position > n.position
    )
order by n.position;

update staging.otus_assessment as s
set deleted = true, invalid = null, seq = %(seq)s
where %(tells_deleted)s and not s.deleted and not exists (select from incoming_assessments as i where i.id = s.id);

merge into staging.otus_assessment as s
using (
    select
        id, case when invalid is null then updated_at end as updated_at, deleted, invalid,
        identifier, title, kind, assessment_type, grading_scale, points_possible, created_at
    from incoming_assessments
) as i on i.id = s.id
when matched and (
    s.updated_at, s.deleted, s.invalid, s.identifier, s.title, s.kind, s.assessment_type, s.grading_scale,
    s.points_possible, s.created_at
) is distinct from (
    i.updated_at, i.deleted, i.invalid, i.identifier, i.title, i.kind, i.assessment_type, i.grading_scale,
    i.points_possible, i.created_at
) then update set
    updated_at = i.updated_at, deleted = i.deleted, invalid = i.invalid, seq = %(seq)s, identifier = i.identifier,
    title = i.title, kind = i.kind, assessment_type = i.assessment_type, grading_scale = i.grading_scale,
    points_possible = i.points_possible, created_at = i.created_at
when not matched then insert (
    id, seq, updated_at, deleted, invalid, identifier, title, kind, assessment_type, grading_scale, points_possible,
    created_at
) values (
    i.id, %(seq)s, i.updated_at, i.deleted, i.invalid, i.identifier, i.title, i.kind, i.assessment_type,
    i.grading_scale, i.points_possible, i.created_at
);
