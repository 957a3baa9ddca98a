-- Grain: one collection of the extraction `seq`. Those of which not as many records arrived as the source declared.
select collection, declared, received
from passback.extraction_count
where seq = %(seq)s and declared <> received
order by collection;
