-- One row: the sections and the schools of a part, and whether its item is staged. Inputs: %(section_dcid)s, %(users_dcid)s, %(source)s,
-- %(source_item_id)s (those that are not asked for are null), %(today)s. A section of the part that the roster does not know is among them.
with
item as (
    select passback.dcid(c.sis_section_id) as section_dcid
    from staging.otus_assignment as a
    left join staging.otus_class as c on c.id = a.class_id
    where %(source)s::text = 'otus' and a.id = %(source_item_id)s::text
    union all
    select s.section_dcid
    from staging.schoology_item as i
    left join staging.schoology_section as s on s.id = i.section_id
    where %(source)s::text = 'schoology' and i.id = %(source_item_id)s::text
),
wanted as (
    select %(section_dcid)s::bigint as section_dcid where %(section_dcid)s::bigint is not null
    union
    select section_dcid
    from staging.section_teacher
    where users_dcid = %(users_dcid)s::bigint
        and coalesce(start_on, '-infinity') <= %(today)s::date and %(today)s::date <= coalesce(end_on, 'infinity')
    union
    select section_dcid from item where section_dcid is not null
)
select
    coalesce((select array_agg(section_dcid order by section_dcid) from wanted), '{}') as sections,
    case when not exists (select from wanted as w where not exists (
        select from staging.section as s where s.section_dcid = w.section_dcid))
        then (select array_agg(distinct school_number) from staging.section as s join wanted as w using (section_dcid)) end as schools,
    exists (select from item) as item_known
