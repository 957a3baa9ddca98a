-- Grain: one row an item never seen before. Gives every staged item of the source its short key.
-- Inputs: staging.otus_assignment. Own transaction: a snapshot could not see a key that another run has just given.
insert into passback.item (source, source_item_id)
select 'otus', a.id
from staging.otus_assignment as a
where not exists (select from passback.item as i where i.source = 'otus' and i.source_item_id = a.id)
order by a.id
on conflict do nothing
