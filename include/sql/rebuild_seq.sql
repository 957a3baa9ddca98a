-- One row: a number that is higher than that of every extraction so far, and lower than that of every later one.
select nextval('passback.extraction_seq') as seq
