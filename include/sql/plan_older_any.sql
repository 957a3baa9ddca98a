-- One row: whether a source was read again since the run judged it. Inputs: %(run_key)s.
select exists (
    select
    from (select source, min(seq) as seq from passback.run_item where run_key = %(run_key)s group by source) as s
    join passback.extraction as e on e.source = s.source and e.seq > s.seq
) as found
