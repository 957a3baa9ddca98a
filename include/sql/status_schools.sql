-- Grain: one school that PowerSchool told of. No inputs.
select school_number, school_name from staging.school order by school_name, school_number
