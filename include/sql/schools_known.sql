-- Grain: one school of the roster.
select school_number from staging.school order by school_number
