-- One decision about a release, kept beside any earlier one. Inputs: %(run_key)s, %(decision)s, %(decided_by)s, %(decided_at)s.
insert into passback.release_decision (run_key, decision, decided_by, decided_at)
values (%(run_key)s, %(decision)s, %(decided_by)s, %(decided_at)s)
on conflict (run_key, decided_at, decision) do nothing
