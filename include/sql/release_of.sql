-- At most one row: what a release asks about, how many of it wait as UNVERIFIED, and the run that holds it. Inputs: %(run_key)s of the release.
select
    q.items, q.scores, q.figures, q.waits_until, h.run_key as held_run_key, h.dag_id as held_dag_id, h.run_id as held_run_id,
    h.as_of as held_as_of,
    (select count(*) from passback.release_item as i where i.run_key = q.run_key and i.code = 'UNVERIFIED')
        + (select count(*) from passback.release_score as s where s.run_key = q.run_key and s.code = 'UNVERIFIED') as unverified
from passback.release as q
join passback.run as h on h.run_key = q.held_run_key
where q.run_key = %(run_key)s
