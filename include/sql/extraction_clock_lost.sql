-- Grain: one row. By how much a source's clock has gone back against ours since the extraction that set its cursor; zero where it
-- has not, or has gone ahead. Inputs: %(source)s; %(server_time)s, its clock now.
select
    greatest((c.updated_since - e.started_at) - (%(server_time)s::timestamptz - clock_timestamp()), interval '0') as lost
from passback.cursor as c
join passback.extraction as e on e.seq = c.seq
where c.source = %(source)s and c.part = ''
