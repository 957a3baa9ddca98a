-- Grain: one extraction. Begins it under the source's lock, so that its number is the highest; gives the number.
insert into passback.extraction (source, run_key, transport, full_listing, asked_since, source_time)
values (%(source)s, %(run_key)s, %(transport)s, %(full_listing)s, %(asked_since)s, %(source_time)s)
returning seq;
