-- Grain: one source that is on in the run. Inputs: %(run_key)s, %(sources)s. A source that is off now has no row.
delete from passback.run_source where run_key = %(run_key)s and source <> all(%(sources)s::text[]);

insert into passback.run_source (run_key, source, state)
select %(run_key)s, source, 'on' from unnest(%(sources)s::text[]) as source
on conflict (run_key, source) do nothing
