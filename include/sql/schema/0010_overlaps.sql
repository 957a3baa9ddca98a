-- depends: 0009_breaker
-- Runs that meet: which run has judged an item by a later state of its source, so that an older one sends nothing over it.

-- The codes that say nothing against a row: warnings, and those that the as-of day decides, which differs between nights of one state.
create function passback.day_codes() returns bigint language sql stable parallel safe
    return passback.warnings_mask() | passback.mask('DUE_DATE_OUTSIDE_PERIOD') | passback.mask('NO_SCORES_YET')
        | passback.mask('STUDENT_NOT_ENROLLED');

-- The delivering run that has judged the item by the latest state of its source after `than_seq`; null where none has.
create function passback.later_run(item bigint, of_source text, than_seq bigint) returns bigint language sql stable parallel safe
    return case when exists (select from passback.extraction as e where e.source = of_source and e.seq > than_seq) then (
        select j.run_key
        from passback.run_item as j
        join passback.run as r on r.run_key = j.run_key and not r.dry_run
        where j.item_key = item and j.seq > than_seq
        order by j.seq desc, j.run_key desc
        limit 1
    ) end;
