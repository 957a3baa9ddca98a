-- Grain: one PowerSchool category that a source's map names (`number`): how many acting teachers there are (one who teaches at two
-- schools counts at each), how many of them have no active copy of it, and the first %(shown)s of those. Inputs: the map as it holds in
-- each school, as arrays of one length: %(numbers)s, %(sources)s, %(schools)s, %(categories)s.
with
mapped as (
    select number, source, school_number, category
    from unnest(%(numbers)s::integer[], %(sources)s::text[], %(schools)s::text[], %(categories)s::text[])
        as m (number, source, school_number, category)
),
acting as materialized (
    select source, school_number, users_dcid from passback.item_status where users_dcid is not null group by 1, 2, 3
),
active as materialized (
    select users_dcid, array_agg(name) as names from staging.teacher_category where is_active group by users_dcid
),
holding as materialized (
    select a.source, a.school_number, a.users_dcid, coalesce(h.names, '{}') as names
    from acting as a
    left join active as h using (users_dcid)
),
there as (
    select m.number, sum(a.teachers)::bigint as teachers
    from mapped as m
    join (select source, school_number, count(*) as teachers from acting group by 1, 2) as a using (source, school_number)
    group by m.number
),
without as (
    select m.number, h.users_dcid
    from mapped as m
    join holding as h using (source, school_number)
    where m.category <> all (h.names)
)
select
    t.number, t.teachers, coalesce(w.lacking, 0) as lacking, w.lacking_teachers
from there as t
left join (
    select number, count(*) as lacking, (array_agg(distinct users_dcid))[:%(shown)s] as lacking_teachers from without group by number
) as w using (number)
