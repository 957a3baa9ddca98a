-- Grain: items that the teacher has deleted in PowerSchool. Inputs: %(items)s: item keys.
update passback.ledger_item set state = 'deleted', updated_at = clock_timestamp() where item_key = any(%(items)s)
