-- Grain: one code of the catalogue: its message without what a case fills in, how many items carry it now, and of how many items a score
-- does. Reads the few distinct masks of the items' statuses, not the codes of every row. Inputs: none.
with
masks as (
    select codes, score_codes, count(*) as count from passback.item_status group by codes, score_codes
)
select
    c.code, report.plain_message(c.message) as meaning,
    coalesce(sum(m.count) filter (where m.codes & (1::bigint << c.bit) <> 0), 0)::bigint as items,
    coalesce(sum(m.count) filter (where m.score_codes & (1::bigint << c.bit) <> 0), 0)::bigint as items_with_scores
from passback.code as c
left join masks as m on (m.codes | m.score_codes) & (1::bigint << c.bit) <> 0
group by c.code, c.message
