-- Grain: one code at one level of the run's books, in the catalogue's order.
select c.code, b.level, c.severity, c.owner, c.message, c.fix, b.count
from passback.book_code as b
join passback.code as c using (code)
where b.run_key = %(run_key)s
order by b.level, c.bit;
