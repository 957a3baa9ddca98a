-- One row: whether score_calls_judge found that the call, or the part of it, was done.
select exists (select from done) as arrived
