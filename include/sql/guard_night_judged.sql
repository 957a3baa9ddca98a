-- One row: whether the night judged any item of the source. Inputs: %(run_key)s, %(source)s.
select exists (select from passback.run_item where run_key = %(run_key)s and source = %(source)s and item_key is not null) as judged
