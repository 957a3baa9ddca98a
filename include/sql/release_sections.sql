-- One row: the sections in which the items of a release were when it was asked, or are by now. Inputs: %(run_key)s.
select coalesce(array_agg(distinct section_dcid order by section_dcid), '{}') as sections
from (
    select section_dcid from passback.release_item where run_key = %(run_key)s
    union
    select s.section_dcid
    from passback.release_item as i
    join passback.item_status as s using (item_key)
    where i.run_key = %(run_key)s and s.section_dcid is not null
) as places
