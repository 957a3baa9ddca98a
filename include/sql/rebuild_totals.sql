-- One row: the ledger as it is, and what of it is not verified.
select
    (select count(*) from passback.ledger_item where state = 'live') as items,
    (select count(*) from passback.ledger_score) as scores,
    (select count(*) from passback.ledger_item where unverified) as items_unverified,
    (select count(*) from passback.ledger_score where unverified) as scores_unverified,
    (select count(*) from passback.ledger_item as l
        where not exists (select from staging.section as s where s.section_dcid = l.section_dcid)) as items_elsewhere
