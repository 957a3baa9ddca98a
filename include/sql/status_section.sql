-- At most one row: the section's name and school. Inputs: %(section)s (SECTIONS.DCID).
select c.course_name || ' ' || c.section_number as section_name, c.school_number, h.school_name
from staging.section as c
left join staging.school as h using (school_number)
where c.section_dcid = %(section)s
