-- depends: 0002_passback
-- The outcome of every item and score of every run: read off the verdict, the plan and the writes on record, never kept twice.

create function passback.mask(wanted text) returns bigint language sql stable parallel safe
    return (select 1::bigint << bit from passback.code where code = wanted);

create function passback.warnings_mask() returns bigint language sql stable parallel safe
    return (select bit_or(1::bigint << bit) from passback.code where severity = 'warning');

-- A score as people read it: its shortest decimal form, or the flags that stand for it.
create function report.score_text(points double precision, flags smallint) returns text language sql stable parallel safe
    return concat_ws(' ',
        case when points is null then null
            when points in ('infinity', '-infinity', 'nan') then points::text
            else trim_scale(points::numeric)::text end,
        case when flags & 1 <> 0 then 'exempt' end,
        case when flags & 2 <> 0 then 'incomplete' end,
        case when flags & 4 <> 0 then 'missing' end);

-- Grain: one item of one run. `outcome` is never null; the lowest bit of `codes` is the primary code; `message` is null where the
-- catalogue's own says it all; `inherits` tells what the item's passing scores take of it: 'all', 'planned' or 'none'.
-- What an attempt proved stays proved when a task is cleared. What was still planned when its run ended has the code that stopped the run, else SIS_UNAVAILABLE.
create view report.item_outcome as
with
delivered as (
    select
        i.run_key, i.item_no, i.item_key, i.source, i.source_item_id, i.school_number, i.section_dcid, i.users_dcid,
        i.title, i.name, i.due_on, i.total, i.category, i.outcome as rule_outcome, i.codes as rule_codes, i.message as rule_message,
        coalesce(p.proved, p.action) as action, p.state, p.proved, p.confirmed, p.warnings, p.message as plan_message,
        p.value_sis_before, p.value_sent, coalesce(p.attempts, 0) as attempts, r.dry_run,
        p.state in ('refused', 'held') or (p.state = 'planned' and p.action <> 'scores' and not r.dry_run) as stopped,
        c.code, c.outcome as code_outcome, 1::bigint << c.bit as code_mask
    from passback.run_item as i
    join passback.run as r using (run_key)
    left join passback.plan_item as p on p.run_key = i.run_key and p.item_key = i.item_key and i.outcome is null
    left join passback.code as s on s.code = r.stopped_by
    left join passback.code as c
        on c.code = case
            when p.code <> '' then p.code
            when p.state in ('refused', 'held') or (p.state = 'planned' and p.action <> 'scores' and not r.dry_run)
                then coalesce(s.code, 'SIS_UNAVAILABLE')
        end
)
select
    run_key, item_no, item_key, source, source_item_id, school_number, section_dcid, users_dcid, title, name, due_on, total, category,
    case
        when rule_outcome is not null then rule_outcome
        when state is null then 'unchanged'
        when proved is not null and code is distinct from 'VERIFY_MISMATCH'
            then case proved when 'create' then 'created' else 'updated' end
        when stopped then coalesce(nullif(code_outcome, ''), 'failed')
        when action = 'scores' then 'unchanged'
        when dry_run then case action when 'create' then 'created' else 'updated' end
        else 'unchanged'
    end as outcome,
    case
        when rule_outcome is not null or state is null then rule_codes
        when proved is not null and code is distinct from 'VERIFY_MISMATCH' then rule_codes | warnings
        when stopped and action = 'create' then coalesce(code_mask, 0)
        else rule_codes | coalesce(code_mask, 0) | warnings
    end as codes,
    case
        when rule_outcome is not null then rule_message
        when stopped then plan_message
        else nullif(concat_ws(' ', rule_message, plan_message), '')
    end as message,
    case
        when rule_outcome is not null
            then case when rule_codes & -rule_codes = (select passback.mask('NO_SCORES_YET')) then 'none' else 'all' end
        when not stopped or state is null or (proved is not null and code is distinct from 'VERIFY_MISMATCH') then 'none'
        when action = 'create' or code in ('DELETED_IN_SIS', 'MARKER_FOUND') then 'all'
        else 'planned'
    end as inherits,
    coalesce(value_sis_before, '') as value_sis_before,
    coalesce(value_sent, '') as value_sent,
    attempts,
    proved is not null and code is distinct from 'VERIFY_MISMATCH' as sent,
    coalesce(confirmed, false) as confirmed,
    rule_outcome is not null as by_rule,
    case when stopped then code end as stopped_by
from delivered;

-- Grain: one score of one run. `inherited`: it has its item's outcome and primary code, and no line of its own.
create view report.score_outcome as
with
joined as (
    select
        s.run_key, s.item_no, s.item_key, s.source, s.source_score_id, s.source_item_id, s.student_number, s.points, s.flags,
        s.codes as own_codes, s.outcome as own_outcome, s.message as own_message,
        i.school_number, i.section_dcid, i.users_dcid, coalesce(i.title, '') as title, i.due_on,
        i.outcome as item_outcome, i.codes as item_codes, i.inherits, i.by_rule,
        p.action, p.proved, p.batch, c.state as call_state, c.code as call_code, c.message as call_message,
        coalesce(c.attempts, 0) as call_attempts, coalesce(c.verified, false) as verified,
        e.state as exception_state, e.code as exception_code, coalesce(e.warnings, 0) as exception_warnings,
        e.message as exception_message, coalesce(e.theirs, '') as theirs, coalesce(e.attempts, 0) as exception_attempts,
        r.dry_run, coalesce(i.stopped_by, stop.code) as stop_code
    from passback.run_score as s
    join passback.run as r on r.run_key = s.run_key
    left join passback.code as stop on stop.code = r.stopped_by
    left join report.item_outcome as i on i.run_key = s.run_key and i.item_no = s.item_no
    left join passback.plan_score as p
        on p.run_key = s.run_key and p.item_key = s.item_key and p.student_number = s.student_number and s.outcome is null
    left join passback.score_call as c on c.run_key = p.run_key and c.item_key = p.item_key and c.batch = p.batch
    left join passback.score_exception as e
        on e.run_key = p.run_key and e.item_key = p.item_key and e.student_number = p.student_number
),
decided as (
    select
        *,
        case
            when own_codes & (select passback.mask('SOURCE_RECORD_INVALID')) <> 0 then 'own'
            when inherits = 'all' and item_no is not null and (own_outcome is null or by_rule) then 'item'
            when own_outcome is not null then 'own'
            when proved is not null and exception_state is distinct from 'mismatch' then 'sent'
            when inherits = 'planned' and action is not null then 'item'
            when action is null or exception_state in ('dropped', 'kept') then 'unchanged'
            when exception_state in ('refused', 'mismatch') then 'exception'
            when dry_run or call_state = 'accepted' then 'sent'
            else 'call'
        end as told_by
    from joined
)
select
    d.run_key, d.item_no, d.item_key, d.source, d.source_score_id, d.source_item_id, d.student_number, d.school_number,
    d.section_dcid, d.users_dcid, d.title, d.due_on,
    case d.told_by
        when 'own' then d.own_outcome
        when 'item' then d.item_outcome
        when 'unchanged' then 'unchanged'
        when 'sent' then case coalesce(d.proved, d.action) when 'create' then 'created' else 'updated' end
        else coalesce(k.outcome, 'failed')
    end as outcome,
    case d.told_by
        when 'own' then d.own_codes
        when 'item' then d.item_codes & -d.item_codes
        when 'unchanged' then d.own_codes | d.exception_warnings
        when 'sent' then d.own_codes | d.exception_warnings
        else d.own_codes | d.exception_warnings | coalesce(1::bigint << k.bit, 0)
    end as codes,
    case d.told_by
        when 'own' then d.own_message
        when 'item' then null
        when 'exception' then d.exception_message
        when 'call' then d.call_message
        else nullif(concat_ws(' ', d.own_message, d.exception_message), '')
    end as message,
    d.told_by = 'item' as inherited,
    report.score_text(d.points, d.flags) as value_source,
    d.theirs as value_sis_before,
    case when d.told_by = 'sent' and not d.dry_run then report.score_text(d.points, d.flags) else '' end as value_sent,
    greatest(d.call_attempts, d.exception_attempts) as attempts,
    d.told_by = 'sent' and not d.dry_run as sent,
    d.told_by = 'sent' and not d.dry_run and d.verified as confirmed
from decided as d
left join passback.code as k
    on k.code = case d.told_by when 'exception' then coalesce(nullif(d.exception_code, ''), 'VERIFY_MISMATCH')
        when 'call' then coalesce(nullif(d.call_code, ''), d.stop_code, 'SIS_UNAVAILABLE') end;
