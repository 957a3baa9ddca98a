-- One row: how many passing items a plan leaves as they are, since a later state of them was delivered or judged. No inputs but the temporary
-- table wanted.
select count(*) as items from wanted where newer
