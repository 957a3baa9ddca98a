-- Grain: one query of one school. What the roster of the extraction `seq` has becomes the measure of the next ones of its school year.
delete from passback.accepted_roster
where year_first_day = %(year_first_day)s
    and (%(schools)s::text[] is null or school_number = any(%(schools)s::text[]));

insert into passback.accepted_roster (year_first_day, school_number, query, row_count, seq)
select %(year_first_day)s, s.school_number, s.query, s.row_count, %(seq)s
from staging.roster_size as s
where %(schools)s::text[] is null or s.school_number = any(%(schools)s::text[]);
