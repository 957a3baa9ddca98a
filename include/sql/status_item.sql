-- At most one row: an item as the status log shows it. Inputs: %(source)s, %(source_item_id)s.
select
    s.item_key, s.source, s.source_item_id, s.title, s.school_number, s.section_dcid, s.users_dcid, s.due_on, s.status, s.codes, s.message,
    s.scores, s.scores_failed, s.scores_held, s.score_codes, s.last_success_at, s.as_of,
    c.course_name || ' ' || c.section_number as section_name
from passback.item as i
join passback.item_status as s using (item_key)
left join staging.section as c on c.section_dcid = s.section_dcid
where i.source = %(source)s and i.source_item_id = %(source_item_id)s
