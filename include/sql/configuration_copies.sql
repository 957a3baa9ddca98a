-- Grain: one PowerSchool category that a source's map names: how many acting teachers of its schools there are, how many of them have
-- no active copy of it, and the first %(shown)s of those. Inputs: the map as it holds in each school, as arrays of one length:
-- %(sources)s, %(schools)s, %(categories)s.
with
mapped as (
    select distinct source, school_number, category
    from unnest(%(sources)s::text[], %(schools)s::text[], %(categories)s::text[]) as m (source, school_number, category)
),
acting as (
    select distinct source, school_number, users_dcid from passback.item_status where users_dcid is not null
),
active as (
    select distinct users_dcid, name from staging.teacher_category where is_active
),
asked as (
    select distinct m.source, m.category, a.users_dcid, v.users_dcid is null as lacking
    from mapped as m
    join acting as a using (source, school_number)
    left join active as v on v.users_dcid = a.users_dcid and v.name = m.category
)
select
    source, category, count(*) as teachers, count(*) filter (where lacking) as lacking,
    (array_agg(users_dcid order by users_dcid) filter (where lacking))[:%(shown)s] as lacking_teachers
from asked
group by source, category
