-- Grain: one row an item that is staged and of which nothing was ever said: the status page shows it as not yet synced.
-- Deleted ones are left out, and those whose own day is outside the school year. Inputs: %(source)s, %(zone)s of the district,
-- %(year_first_day)s, %(year_last_day)s. Own transaction: a snapshot could not see a row that another run has just written.
with
staged as (
    select
        a.id, passback.dcid(c.sis_section_id) as linked_section_dcid, m.title, a.due_date as due_on,
        coalesce(
            case m.kind when 'plus' then a.submission_date + 7 else a.due_date end,
            (coalesce(a.assigned_at, m.created_at) at time zone %(zone)s)::date
        ) as day
    from staging.otus_assignment as a
    left join staging.otus_assessment as m on m.id = a.assessment_id
    left join staging.otus_class as c on c.id = a.class_id
    where %(source)s = 'otus' and not (a.deleted or coalesce(m.deleted, false) or coalesce(c.deleted, false))
    union all
    select i.id, case when not s.deleted then s.section_dcid end, i.title, i.due_on, i.due_on
    from staging.schoology_item as i
    left join staging.schoology_section as s on s.id = i.section_id
    where %(source)s = 'schoology' and not i.deleted
)
insert into passback.item_status (item_key, source, source_item_id, school_number, section_dcid, title, due_on)
select i.item_key, i.source, i.source_item_id, s.school_number, s.section_dcid, coalesce(t.title, ''), t.due_on
from staged as t
join passback.item as i on i.source = %(source)s and i.source_item_id = t.id
left join staging.section as s on s.section_dcid = t.linked_section_dcid
where coalesce(t.day between %(year_first_day)s::date and %(year_last_day)s::date, true)
    and not exists (select from passback.item_status as known where known.item_key = i.item_key)
order by i.item_key
on conflict do nothing
