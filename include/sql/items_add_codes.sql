-- Grain: one item of the temporary table late_verdict (item_no, codes). Adds its codes; an item that fails anew loses its warnings.
-- Inputs: %(run_key)s.
update passback.run_item as i
set codes = (i.codes & ~passback.warnings_mask()) | v.codes,
    outcome = coalesce(i.outcome, 'skipped'),
    message = case when i.outcome is null then null else i.message end
from late_verdict as v
where i.run_key = %(run_key)s and i.item_no = v.item_no
