-- Grain: one code of the run, the most frequent first. Inputs: %(run_key)s.
select
    b.code, c.severity, c.owner, c.fix, report.plain_message(c.message) as message,
    coalesce(sum(b.count) filter (where b.level = 'item'), 0)::bigint as items,
    coalesce(sum(b.count) filter (where b.level = 'score'), 0)::bigint as scores
from passback.book_code as b
join passback.code as c using (code)
where b.run_key = %(run_key)s
group by b.code, c.bit, c.severity, c.owner, c.fix, c.message
order by sum(b.count) desc, c.bit
