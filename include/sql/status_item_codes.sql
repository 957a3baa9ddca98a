-- Grain: one code that the item or one of its scores carries, in the catalogue's order. Inputs: %(codes)s, %(score_codes)s (masks).
select
    code, severity, owner, fix, report.plain_message(message) as message,
    %(codes)s::bigint & (1::bigint << bit) <> 0 as of_item, %(score_codes)s::bigint & (1::bigint << bit) <> 0 as of_scores
from passback.code
where (%(codes)s::bigint | %(score_codes)s::bigint) & (1::bigint << bit) <> 0
order by bit
