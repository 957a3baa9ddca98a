-- Grain: one Otus assignment. Brings the temporary table incoming_assignments into staging.otus_assignment under the
-- extraction's number `seq`; rows that do not differ are not touched. Where `tells_deleted`, what did not come is gone from
-- Otus. Gives the rows touched.
with
repeated as (
    select id from incoming_assignments group by id having count(*) > 1
),
ranked as (
    select i.ctid as place, row_number() over (partition by i.id order by i.updated_at desc, i.ctid desc) as version
    from incoming_assignments as i
    join repeated as r on r.id = i.id
),
dropped as (
    delete from incoming_assignments as i using ranked where i.ctid = ranked.place and ranked.version > 1 returning i.id
)
insert into incoming_repeats (collection, repeated) select 'assignments', count(*) from dropped;

analyze incoming_assignments;

delete from staging.quarantine as q
where q.source = 'otus' and q.collection = 'assignments'
    and (%(tells_deleted)s or q.source_id = '' or exists (select from incoming_assignments as i where i.id = q.source_id));

insert into staging.quarantine (source, collection, seq, place, source_id, field, found_type, reason)
select 'otus', n.collection, %(seq)s, n.place, n.source_id, n.field, n.found_type, n.reason
from incoming_quarantine as n
where n.collection = 'assignments'
    and (n.source_id = '' or exists (select from incoming_assignments as i where i.id = n.source_id and i.invalid = n.reason))
    and not exists (
        select from incoming_quarantine as later
        where later.collection = n.collection and later.source_id = n.source_id and later.source_id <> ''
            and later.reason = n.reason and later.position > n.position
    )
order by n.position;

update staging.otus_assignment as s
set deleted = true, invalid = null, seq = %(seq)s
where %(tells_deleted)s and not s.deleted and not exists (select from incoming_assignments as i where i.id = s.id);

merge into staging.otus_assignment as s
using (
    select
        id, case when invalid is null then updated_at end as updated_at, deleted, invalid,
        assessment_id, class_id, assigned_by, assigned_at, due_date, submission_date, include_in_final_grade
    from incoming_assignments
) as i on i.id = s.id
when matched and (
    s.updated_at, s.deleted, s.invalid, s.assessment_id, s.class_id, s.assigned_by, s.assigned_at, s.due_date,
    s.submission_date, s.include_in_final_grade
) is distinct from (
    i.updated_at, i.deleted, i.invalid, i.assessment_id, i.class_id, i.assigned_by, i.assigned_at, i.due_date,
    i.submission_date, i.include_in_final_grade
) then update set
    updated_at = i.updated_at, deleted = i.deleted, invalid = i.invalid, seq = %(seq)s,
    assessment_id = i.assessment_id, class_id = i.class_id, assigned_by = i.assigned_by, assigned_at = i.assigned_at,
    due_date = i.due_date, submission_date = i.submission_date, include_in_final_grade = i.include_in_final_grade
when not matched then insert (
    id, seq, updated_at, deleted, invalid, assessment_id, class_id, assigned_by, assigned_at, due_date,
    submission_date, include_in_final_grade
) values (
    i.id, %(seq)s, i.updated_at, i.deleted, i.invalid, i.assessment_id, i.class_id, i.assigned_by, i.assigned_at,
    i.due_date, i.submission_date, i.include_in_final_grade
);
