-- Grain: one row a code. Makes passback.code equal to the temporary table `catalogue`; rows that are as they should be stay untouched.
lock table passback.code in share row exclusive mode;

delete from passback.code as k
where not exists (select from catalogue as c where c is not distinct from k);

insert into passback.code (bit, code, kind, severity, owner, message, fix, outcome)
select bit, code, kind, severity, owner, message, fix, outcome
from catalogue as c
where not exists (select from passback.code as k where k.bit = c.bit);
