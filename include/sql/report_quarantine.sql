-- Grain: one record that could not be read and that staging still holds so, of the run's sources and of the roster. Inputs: %(run_key)s.
select
    source, collection, report.cell(source_id) as source_id, place, report.cell(field) as field, found_type, reason, recorded_at
from staging.quarantine
where source = 'powerschool' or source in (select s.source from passback.run_source as s where s.run_key = %(run_key)s)
order by source, collection, source_id, quarantine_id
