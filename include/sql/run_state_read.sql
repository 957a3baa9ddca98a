-- One row: the number of the newest whole extraction of the source that this snapshot sees: what is staged is of no later one, though another
-- run may have read it since this run did. Inputs: %(source)s, %(seq)s: the run's own extraction.
select coalesce(max(seq), %(seq)s) as seq from passback.extraction where source = %(source)s and finished_at is not null
