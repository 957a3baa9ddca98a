-- One row: the state of a write of an item. Inputs: %(write_id)s.
select state from passback.item_write where write_id = %(write_id)s
