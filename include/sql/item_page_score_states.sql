-- Grain: one outcome of the item's scores in one run. Inputs: %(run_key)s, %(item_key)s, and %(item_no)s, by which the view asks for this
-- one item and not for all items of the run.
select outcome, count(*) as count
from report.score_outcome
where run_key = %(run_key)s and item_key = %(item_key)s and item_no = %(item_no)s
group by outcome
