-- Grain: one category of a Schoology section. Brings incoming_grading_categories into staging.schoology_category
-- under the extraction's number `seq`. What a whole listing lacks, and what cannot be read, is taken out. Gives the rows touched.
delete from staging.quarantine as q
using incoming_listing as l
where l.collection = 'grading_categories'
    and q.source = 'schoology' and q.collection = l.collection and q.section_id = l.section_id
    and (
        l.whole or q.source_id = ''
        or exists (select from incoming_grading_categories as i where i.source_id = q.source_id)
    );

insert into staging.quarantine (source, collection, section_id, seq, place, source_id, field, found_type, reason)
select 'schoology', n.collection, n.section_id, %(seq)s, n.place, n.source_id, n.field, n.found_type, n.reason
from incoming_quarantine as n
where n.collection = 'grading_categories'
order by n.position;

delete from staging.schoology_category as s
using incoming_listing as l
where l.collection = 'grading_categories' and l.whole and s.section_id = l.section_id
    and not exists (
        select from incoming_grading_categories as i where i.section_id = s.section_id and i.id = s.id and i.invalid is null
    );

merge into staging.schoology_category as s
using (select * from incoming_grading_categories where invalid is null) as i on i.section_id = s.section_id and i.id = s.id
when matched and s.title is distinct from i.title then update set
    seq = %(seq)s, title = i.title
when not matched then insert (section_id, id, seq, title) values (i.section_id, i.id, %(seq)s, i.title)
