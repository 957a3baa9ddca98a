-- Grain: one as-of day before %(as_of)s that a night judged, latest first, by its last delivering run. `whole`: no earlier day's lines
-- were written after this one's, so that what its lines say of their past still holds. A night whose rows maintenance took out still counts.
with
latest as (
    select distinct on (r.as_of) r.as_of, r.run_key, w.written_no
    from passback.run as r
    join passback.lines_written as w using (run_key)
    where r.dag_id = 'passback_nightly'
        and not r.dry_run
        and r.as_of < %(as_of)s
        and (r.rows_deleted_at is not null or exists (select 1 from passback.run_item as i where i.run_key = r.run_key))
    order by r.as_of, r.started_at desc, r.run_key desc
)
select as_of, run_key, written_no > coalesce(
    max(written_no) over (order by as_of rows between unbounded preceding and 1 preceding), 0) as whole
from latest
order by as_of desc;
