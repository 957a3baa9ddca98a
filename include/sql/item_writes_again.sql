-- Grain: one write on record whose request has not left yet: its time is now, since what is in doubt is counted from it. Inputs: %(writes)s: ids.
update passback.item_write set opened_at = clock_timestamp() where write_id = any(%(writes)s) and state = 'open'
