-- Grain: one passing item of the run. Makes the temporary table wanted: what the item itself needs, by base and ours.
-- `fresh`: to be created (never delivered, moved to another section, or deleted and to be made again), so that its scores have no base.
-- `newer`: a later extraction has delivered the item. `limits` says why the item's own change waits (0: it does not). Inputs: %(run_key)s, %(recreate_deleted)s.
create temporary table wanted on commit drop as
with
compared as (
    select
        i.item_key, i.source, i.school_number, i.section_dcid, i.users_dcid, i.seq,
        l.item_key is not null and l.section_dcid <> i.section_dcid as moved,
        l.item_key is null or l.section_dcid <> i.section_dcid or (l.state = 'deleted' and %(recreate_deleted)s) as fresh,
        coalesce(l.state = 'deleted', false) as deleted,
        coalesce(l.seq > i.seq, false) as newer,
        (l.name_sent, l.due_sent, l.total_sent, l.category_sent) is distinct from (i.name, i.due_on, i.total, i.category) as differs,
        (l.name_sent, l.total_sent, l.category_sent) is distinct from (i.name, i.total, i.category) as resends
    from passback.run_item as i
    left join passback.ledger_item as l using (item_key)
    where i.run_key = %(run_key)s and i.outcome is null
)
select
    item_key, source, school_number, section_dcid, users_dcid, seq, moved,
    case
        when newer then 'none'
        when fresh then 'create'
        when deleted then 'held'
        when differs then 'update'
        else 'none'
    end as action,
    fresh and not newer as fresh,
    resends and not fresh as resends,
    newer,
    0 as limits
from compared;

analyze wanted;
