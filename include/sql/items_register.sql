-- Grain: one row an item never seen before. Gives every staged item of the source its short key.
-- Inputs: %(source)s. Own transaction: a snapshot could not see a key that another run has just given.
with
staged as (
    select id from staging.otus_assignment where %(source)s = 'otus'
    union all
    select id from staging.schoology_item where %(source)s = 'schoology'
)
insert into passback.item (source, source_item_id)
select %(source)s, t.id
from staged as t
where not exists (select from passback.item as i where i.source = %(source)s and i.source_item_id = t.id)
order by t.id
on conflict do nothing
