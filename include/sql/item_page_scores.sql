-- Grain: one score of the item in one run, by student number, beside what the ledger knows of the student; every row with `counts`, the
-- number of scores by outcome whatever the filter. One row without a score where the page has none. Inputs: %(run_key)s, %(item_key)s, and
-- %(item_no)s, by which the view asks for this one item and not for all items of the run; %(outcome)s or '' for all, %(limit)s, %(offset)s.
with
told as materialized (
    select *
    from report.score_outcome
    where run_key = %(run_key)s and item_key = %(item_key)s and item_no = %(item_no)s
),
counted as (
    select coalesce(jsonb_object_agg(outcome, count), '{}') as counts
    from (select outcome, count(*) as count from told group by outcome) as by_outcome
),
page as (
    select *
    from told
    where %(outcome)s in ('', outcome)
    order by student_number collate "C", source_score_id collate "C"
    limit %(limit)s offset %(offset)s
)
select
    n.counts, coalesce(t.student_number, '') as student_number, t.source_score_id, t.outcome, t.inherited,
    report.code_list(t.codes) as codes, coalesce(t.message, report.plain_message(c.message), '') as message,
    coalesce(c.fix, '') as fix, coalesce(c.owner, '') as owner,
    t.value_source, t.value_sis_before, t.value_sent, t.sent, t.confirmed, t.attempts,
    case when l.item_key is not null then report.score_text(l.points_held, l.flags_held) end as value_held,
    coalesce(l.confirmed, false) as ledger_confirmed
from counted as n
left join page as t on true
left join passback.ledger_score as l on l.item_key = %(item_key)s and l.student_number = t.student_number
left join passback.code as c on 1::bigint << c.bit = t.codes & -t.codes
order by t.student_number collate "C", t.source_score_id collate "C"
