-- Grain: one item that the run judged: its row of passback.item_status, unless a run of a later day (or one of the same day that began
-- later) has written it. Reads the temporary table `outcome`. What no run of this school year has judged goes. Inputs: %(run_key)s.
with
scores as (
    select
        item_no, count(*) as scores, count(*) filter (where outcome = 'failed' and not inherited) as failed,
        count(*) filter (where outcome = 'held' and not inherited) as held, bit_or(codes) filter (where not inherited) as codes
    from outcome
    where level = 'score' and item_no is not null
    group by item_no
)
insert into passback.item_status as s (
    item_key, source, source_item_id, school_number, section_dcid, users_dcid, title, due_on, run_key, as_of, started_at,
    outcome, codes, message, scores, scores_failed, scores_held, score_codes, last_success_at
)
select
    i.item_key, i.source, i.source_item_id, i.school_number, i.section_dcid, i.users_dcid, i.title, i.due_on, r.run_key, r.as_of,
    r.started_at, o.outcome, o.codes, o.message, coalesce(c.scores, 0), coalesce(c.failed, 0), coalesce(c.held, 0),
    coalesce(c.codes, 0), case when o.outcome in ('created', 'updated', 'unchanged') then clock_timestamp() end
from outcome as o
join passback.run_item as i on i.run_key = %(run_key)s and i.item_no = o.item_no
join passback.run as r on r.run_key = i.run_key and not r.dry_run
left join scores as c on c.item_no = o.item_no
where o.level = 'item' and i.item_key is not null
order by i.item_key
on conflict (item_key) do update set
    school_number = excluded.school_number, section_dcid = excluded.section_dcid, users_dcid = excluded.users_dcid,
    title = excluded.title, due_on = excluded.due_on, run_key = excluded.run_key, as_of = excluded.as_of,
    started_at = excluded.started_at, outcome = excluded.outcome, codes = excluded.codes, message = excluded.message,
    scores = excluded.scores, scores_failed = excluded.scores_failed, scores_held = excluded.scores_held,
    score_codes = excluded.score_codes, last_success_at = coalesce(excluded.last_success_at, s.last_success_at)
where s.run_key is null or (s.as_of, s.started_at) <= (excluded.as_of, excluded.started_at);

delete from passback.item_status as s
using passback.run as r
where r.run_key = %(run_key)s and not r.dry_run and s.as_of < r.year_first_day
