-- One row: whether any item, or any score of one, stands as an error. No inputs.
select exists (select from passback.item_status where status = 'error' or scores_failed > 0) as errors_stand
