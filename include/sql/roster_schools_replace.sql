-- Grain: one school. Makes staging.school equal to incoming_schools for the schools in scope (`schools`, or all where
-- `whole`) under the extraction's number `seq`; rows that do not differ are not touched. Of a school that came twice one row
-- is kept. Gives the rows touched.
analyze incoming_schools;

delete from staging.school as s
where (%(whole)s or s.school_number = any(%(schools)s))
    and not exists (select from incoming_schools as i where i.school_number = s.school_number);

merge into staging.school as s
using (
    select distinct on (school_number)
        school_number, school_name
    from incoming_schools
    order by school_number, school_name
) as i on i.school_number = s.school_number
when matched and (
    s.school_name
) is distinct from (
    i.school_name
) then update set
    school_name = i.school_name, seq = %(seq)s
when not matched then insert (
    school_number, school_name, seq
) values (
    i.school_number, i.school_name, %(seq)s
);
