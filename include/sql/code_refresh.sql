-- Grain: one row a code. Makes passback.code equal to the temporary table `catalogue`; rows keep their names, bits follow the file.
delete from passback.code;
insert into passback.code (bit, code, kind, severity, owner, message, fix, outcome)
select bit, code, kind, severity, owner, message, fix, outcome from catalogue;
