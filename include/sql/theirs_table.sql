-- The temporary table that what PowerSchool holds is read into: a row a score. Emptied when it is there already.
create temporary table if not exists theirs (
    assignment_section_id bigint not null, student_dcid bigint not null, points double precision, flags smallint not null
);
truncate theirs
