-- Grain: one collection of the extraction `seq`. How many records came again under an id that had come, and how many are bad.
select
    r.collection,
    r.repeated,
    (
        select count(*) from staging.quarantine as q
        where q.source = 'otus' and q.seq = %(seq)s and q.collection = r.collection
    ) as quarantined
from incoming_repeats as r;
