-- Grain: one unit of a rebuild: sections of the roster that one teacher teaches today (the lead, else a co-teacher, the lowest
-- USERS.DCID), listed together; a section that nobody teaches stands alone, under null. Inputs: %(today)s, %(sections)s or null for all.
with
taught as (
    select s.section_dcid, (
        select t.users_dcid
        from staging.section_teacher as t
        where t.section_dcid = s.section_dcid
            and coalesce(t.start_on, '-infinity') <= %(today)s::date and %(today)s::date <= coalesce(t.end_on, 'infinity')
        order by t.role <> 'lead', t.users_dcid
        limit 1
    ) as users_dcid
    from staging.section as s
    where %(sections)s::bigint[] is null or s.section_dcid = any(%(sections)s::bigint[])
)
select users_dcid, array_agg(section_dcid order by section_dcid) as sections
from taught
group by users_dcid, case when users_dcid is null then section_dcid end
order by count(*) desc, users_dcid
