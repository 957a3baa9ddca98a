-- Grain: one run whose rows go. One that judged nothing is no night any more. A task of it that is cleared later opens it anew (run_register),
-- and nothing more of it goes. Inputs: %(run_key)s.
delete from passback.lines_written as w
using passback.run as r
where w.run_key = %(run_key)s and r.run_key = w.run_key and r.rows_deleted_at is null
    and not exists (select from passback.run_item as i where i.run_key = w.run_key);

update passback.run set rows_deleted_at = clock_timestamp() where run_key = %(run_key)s and rows_deleted_at is null
