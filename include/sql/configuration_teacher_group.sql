-- Grain: one row: the Otus users that are staged, and how many of them are in the passback teacher group. Inputs: %(group)s.
select count(*) as users, count(*) filter (where %(group)s = any(groups)) as in_group
from staging.otus_user
where not deleted and invalid is null
