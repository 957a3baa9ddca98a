-- Grain: one roster row that could not be read. The schools in scope have those of this extraction, and no older ones.
delete from staging.quarantine as q
where q.source = 'powerschool' and (
    %(whole)s or q.collection = 'schools'
    or split_part(q.place, ',', 1) in (select 'school ' || number from unnest(%(schools)s::text[]) as number)
);

insert into staging.quarantine (source, collection, seq, place, source_id, field, found_type, reason)
select 'powerschool', n.collection, %(seq)s, n.place, n.source_id, n.field, n.found_type, n.reason
from incoming_quarantine as n
order by n.position;
