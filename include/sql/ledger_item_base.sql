-- Grain: one item whose base moves with no write: its category stays the teacher's, and base becomes ours.
-- Inputs: %(item_key)s, %(category)s: ours, %(held)s: the teacher's, %(seq)s.
update passback.ledger_item
set category_sent = %(category)s, category_held = %(held)s, seq = greatest(seq, %(seq)s), updated_at = clock_timestamp()
where item_key = %(item_key)s
