-- One row: how many rows item_facts has, which is its last number.
select coalesce(max(n), 0) as last from item_facts
