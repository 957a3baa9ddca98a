-- Grain: one school of the roster. Inputs: none.
select school_number, school_name from staging.school order by school_number collate "C"
