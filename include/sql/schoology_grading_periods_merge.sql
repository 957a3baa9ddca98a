-- Grain: one grading period of a Schoology section. Brings incoming_grading_periods into staging.schoology_grading_period
-- under the extraction's number `seq`. What a whole listing lacks, and what cannot be read, is taken out. Gives the rows touched.
delete from staging.quarantine as q
using incoming_listing as l
where l.collection = 'grading_periods'
    and q.source = 'schoology' and q.collection = l.collection and q.section_id = l.section_id
    and (
        l.whole or q.source_id = ''
        or exists (select from incoming_grading_periods as i where i.source_id = q.source_id)
    );

insert into staging.quarantine (source, collection, section_id, seq, place, source_id, field, found_type, reason)
select 'schoology', n.collection, n.section_id, %(seq)s, n.place, n.source_id, n.field, n.found_type, n.reason
from incoming_quarantine as n
where n.collection = 'grading_periods'
order by n.position;

delete from staging.schoology_grading_period as s
using incoming_listing as l
where l.collection = 'grading_periods' and l.whole and s.section_id = l.section_id
    and not exists (
        select from incoming_grading_periods as i where i.section_id = s.section_id and i.id = s.id and i.invalid is null
    );

merge into staging.schoology_grading_period as s
using (select * from incoming_grading_periods where invalid is null) as i on i.section_id = s.section_id and i.id = s.id
when matched and (s.title, s.start_on, s.end_on) is distinct from (i.title, i.start_on, i.end_on) then update set
    seq = %(seq)s, title = i.title, start_on = i.start_on, end_on = i.end_on
when not matched then insert (section_id, id, seq, title, start_on, end_on)
values (i.section_id, i.id, %(seq)s, i.title, i.start_on, i.end_on)
