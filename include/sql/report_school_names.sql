-- Grain: one school of the roster.
select school_number, school_name from staging.school;
