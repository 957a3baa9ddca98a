-- Grain: one PowerSchool section that Schoology is asked about, as the roster was last read. Inputs: %(schools)s and %(sections)s, null
-- for all.
select section_dcid::text as code
from staging.section
where (%(schools)s::text[] is null or school_number = any(%(schools)s::text[]))
    and (%(sections)s::bigint[] is null or section_dcid = any(%(sections)s::bigint[]))
order by section_dcid
