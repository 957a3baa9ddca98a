-- Grain: one reason for which records of a collection could not be read, commonest first. Inputs: %(run_key)s.
select source, collection, field, reason, count(*) as records
from staging.quarantine
where source = 'powerschool' or source in (select s.source from passback.run_source as s where s.run_key = %(run_key)s)
group by source, collection, field, reason
order by records desc, source, collection, field, reason
limit 50
