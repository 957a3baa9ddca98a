-- Grain: one code at one level: how many lines stand, how many of them are new, how many of the night before are resolved (judged
-- by this run, without the code). Needs the temporary tables `new_line` and `standing`.
with
standing_now as (
    select l.level, l.code, count(*) as open, count(*) filter (where p.first_seen = p.as_of) as fresh
    from new_line as l
    join passback.line as p on p.run_key = %(run_key)s and p.line_no = l.line_no
    group by l.level, l.code
),
gone as (
    select b.level, b.code, b.source, b.source_item_id, b.source_score_id
    from passback.line as b
    left join standing as s
        on s.source = b.source and s.level = b.level and s.source_item_id = b.source_item_id
        and s.source_score_id = b.source_score_id and s.code = b.code
    where b.run_key = %(night_run_key)s and s.code is null
),
resolved as (
    select g.level, g.code, count(*) as resolved
    from gone as g
    where case g.level
        when 'item' then exists (
            select 1 from passback.run_item as i
            where i.run_key = %(run_key)s and i.source = g.source and i.source_item_id = g.source_item_id)
        else exists (
            select 1 from passback.run_score as c
            where c.run_key = %(run_key)s and c.source = g.source and c.source_score_id = g.source_score_id)
    end
    group by g.level, g.code
)
select level, c.code, c.owner, coalesce(n.open, 0) as open, coalesce(n.fresh, 0) as fresh, coalesce(r.resolved, 0) as resolved
from standing_now as n
full join resolved as r using (level, code)
join passback.code as c using (code)
order by level, c.bit;
