-- Grain: one collection of Schoology in which the extraction `seq` quarantined something, with how many records.
select collection, count(*) as quarantined
from staging.quarantine
where source = 'schoology' and seq = %(seq)s
group by collection
