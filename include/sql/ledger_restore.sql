-- One item that comes back to a section where the ledger's history knows its assignment: that assignment becomes the ledger's again,
-- with the scores that it had, and what the ledger held goes into the history. Inputs: %(run_key)s, %(item_key)s, %(assignment_id)s, %(seq)s.
-- It is as new as what takes it back: a run of before then never goes over it. The last statement's row count tells whether the history knew it.
create temporary table remembered on commit drop as
select h.item, h.scores
from passback.ledger_history as h
where h.item_key = %(item_key)s and (h.item ->> 'powerschool_assignment_id')::bigint = %(assignment_id)s
order by h.history_id desc
limit 1;

insert into passback.ledger_history (item_key, run_key, why, item, scores)
select
    l.item_key, %(run_key)s, 'came back', to_jsonb(l),
    coalesce((select jsonb_agg(to_jsonb(c)) from passback.ledger_score as c where c.item_key = l.item_key), '[]')
from passback.ledger_item as l
where l.item_key = %(item_key)s and exists (select from remembered);

delete from passback.ledger_score where item_key = %(item_key)s and exists (select from remembered);

insert into passback.ledger_score
select s.* from remembered as r cross join lateral jsonb_populate_recordset(null::passback.ledger_score, r.scores) as s;

delete from passback.ledger_item where item_key = %(item_key)s and exists (select from remembered);

insert into passback.ledger_item
select i.* from remembered as r cross join lateral jsonb_populate_record(
    null::passback.ledger_item, r.item || jsonb_build_object('seq', greatest((r.item ->> 'seq')::bigint, %(seq)s))
) as i
