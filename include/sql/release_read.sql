-- Grain: one source of an approved release: it judges the newest extraction that is whole. Gives the number by source. Inputs: %(run_key)s.
insert into passback.run_source (run_key, source, seq, state)
select %(run_key)s, i.source, max(e.seq), 'read'
from (select distinct source from passback.release_item where run_key = %(run_key)s) as i
join passback.extraction as e on e.source = i.source and e.finished_at is not null
group by i.source
on conflict (run_key, source) do update set seq = excluded.seq, state = excluded.state, reason = ''
returning source, seq
