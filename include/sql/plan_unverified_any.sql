-- One row: whether the ledger has a row that was rebuilt from PowerSchool and is not ordinary yet.
select exists (select from passback.ledger_item where unverified) or exists (select from passback.ledger_score where unverified) as found
