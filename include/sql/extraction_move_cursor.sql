-- Grain: one source. Moves its cursor, in the transaction of the rows that it stands for.
insert into passback.cursor (source, part, updated_since, seq)
values (%(source)s, '', %(updated_since)s, %(seq)s)
on conflict (source, part) do update set updated_since = excluded.updated_since, seq = excluded.seq;
