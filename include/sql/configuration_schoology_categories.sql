-- Grain: one grading category of Schoology in one school ('' where no section is known), with the staged items that have it. `name` is
-- null for an id that its section does not list. Items without a category ask for none of the map. Inputs: none.
select coalesce(s.school_number, '') as school_number, c.title as name, count(*) as items
from staging.schoology_item as i
join staging.schoology_section as w on w.id = i.section_id
left join staging.section as s on s.section_dcid = w.section_dcid
left join staging.schoology_category as c on c.section_id = i.section_id and c.id = i.grading_category
where not (i.deleted or w.deleted) and i.invalid is null and i.grading_category not in ('', '0')
group by 1, 2
order by 2, 1
