-- Grain: one extraction. Closes it with the source's own time, and makes it the one that its run judges.
update passback.extraction
set finished_at = clock_timestamp(), source_time = coalesce(%(source_time)s, source_time)
where seq = %(seq)s;

insert into passback.run_source (run_key, source, seq, state)
select %(run_key)s, %(source)s, %(seq)s, 'read' where %(source)s <> 'powerschool'
on conflict (run_key, source) do update set seq = excluded.seq, state = excluded.state, reason = '';
