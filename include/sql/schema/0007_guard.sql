-- depends: 0006_status
-- The mass-change guard: what it measured, which changes wait, and what people decided about them.

-- Only the item's scores go: its own change is held, or is not the one that was approved.
alter table passback.plan_item add column item_waits boolean not null default false;

-- Grain: one figure of one run, of one source where the figure is a source's. `counted` of `of_all` (null: a number, no share).
create table passback.guard_figure (
    run_key bigint not null references passback.run,
    figure text not null,
    source text not null default '',
    counted bigint not null,
    of_all bigint,
    value double precision not null,
    limit_value double precision not null,
    passed boolean not null,
    primary key (run_key, figure, source)
);

-- Grain: one planned change of an item, or of a score, that waits instead of being sent; it is in no plan, so that no delivery can meet it.
-- `limits`: why, a bit each (passback.guard.figures); 0 for a `code` other than the guard's. `base_*`: old, as the ledger had it.
create table passback.held_item (
    run_key bigint not null,
    item_key bigint not null,
    source text not null,
    action text not null check (action in ('create', 'update')),
    code text not null default 'MASS_CHANGE_HELD',
    limits integer not null,
    base_section_dcid bigint,
    base_name text,
    base_due_on date,
    base_total double precision,
    base_category text,
    section_dcid bigint not null,
    name text not null,
    due_on date not null,
    total double precision not null,
    category text not null,
    primary key (run_key, item_key)
);

-- A `resend` is no change: it waits with its item's, whose name, total or category it would have followed.
create table passback.held_score (
    run_key bigint not null,
    item_key bigint not null,
    student_number text not null,
    source text not null,
    action text not null check (action in ('create', 'update', 'resend')),
    code text not null default 'MASS_CHANGE_HELD',
    limits integer not null,
    base_points double precision,
    base_flags smallint,
    points double precision,
    flags smallint not null,
    primary key (run_key, item_key, student_number)
);

-- Why changes wait, in words: one row for the rows of a source that wait for the same reasons.
create table passback.held_reason (
    run_key bigint not null references passback.run,
    source text not null,
    code text not null,
    limits integer not null,
    message text not null,
    primary key (run_key, source, code, limits)
);

-- Grain: one run of passback_release: what it asks about. `figures` as they were shown.
create table passback.release (
    run_key bigint primary key references passback.run,
    held_run_key bigint not null references passback.run,
    items bigint not null,
    scores bigint not null,
    figures jsonb not null,
    asked_at timestamptz not null default clock_timestamp(),
    waits_until timestamptz
);
create index on passback.release (held_run_key);

-- Who decided what, and when; the last one of a release counts. `unanswered`: nobody did until `waits_until`.
create table passback.release_decision (
    decision_id bigint generated always as identity primary key,
    run_key bigint not null references passback.release,
    decision text not null check (decision in ('approved', 'rejected', 'unanswered')),
    decided_by text not null default '',
    decided_at timestamptz not null,
    unique (run_key, decided_at, decision)
);

-- What a release asks about, change by change, as it stood when it was asked: nothing else is sent by it, whatever the held run plans anew.
-- An item stands here for its scores alone where it `changes` nothing itself.
create table passback.release_item (
    run_key bigint not null,
    item_key bigint not null,
    source text not null,
    code text not null default '',
    changes boolean not null,
    base_section_dcid bigint,
    base_name text,
    base_due_on date,
    base_total double precision,
    base_category text,
    section_dcid bigint not null,
    name text,
    due_on date,
    total double precision,
    category text,
    primary key (run_key, item_key)
);

create table passback.release_score (
    run_key bigint not null,
    item_key bigint not null,
    student_number text not null,
    code text not null,
    base_points double precision,
    base_flags smallint,
    points double precision,
    flags smallint not null,
    primary key (run_key, item_key, student_number)
);

-- As in 0003, with what waits. `inherits` also 'resends': the item's own change waits, and of its scores only those that would have gone
-- along with it.
create or replace view report.item_outcome as
with
delivered as (
    select
        i.run_key, i.item_no, i.item_key, i.source, i.source_item_id, i.school_number, i.section_dcid, i.users_dcid,
        i.title, i.name, i.due_on, i.total, i.category, i.outcome as rule_outcome, i.codes as rule_codes, i.message as rule_message,
        coalesce(p.proved, p.action) as action, p.state, p.proved, p.confirmed, coalesce(p.warnings, 0) as warnings, p.message as plan_message,
        p.value_sis_before, p.value_sent, coalesce(p.attempts, 0) as attempts, r.dry_run,
        coalesce(p.state in ('refused', 'held') or (p.state = 'planned' and p.action <> 'scores' and not r.dry_run), false) as stopped,
        coalesce(p.proved is not null and c.code is distinct from 'VERIFY_MISMATCH', false) as done,
        c.code, c.outcome as code_outcome, 1::bigint << c.bit as code_mask,
        h.action as held_action, k.outcome as held_outcome, 1::bigint << k.bit as held_mask, w.message as held_message
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
    left join passback.held_item as h on h.run_key = i.run_key and h.item_key = i.item_key and i.outcome is null
    left join passback.held_reason as w on w.run_key = h.run_key and w.source = h.source and w.code = h.code and w.limits = h.limits
    left join passback.code as k on k.code = h.code
)
select
    run_key, item_no, item_key, source, source_item_id, school_number, section_dcid, users_dcid, title, name, due_on, total, category,
    case
        when rule_outcome is not null then rule_outcome
        when done then case proved when 'create' then 'created' else 'updated' end
        when stopped then coalesce(nullif(code_outcome, ''), 'failed')
        when held_action is not null then coalesce(held_outcome, 'held')
        when state is null or action = 'scores' then 'unchanged'
        when dry_run then case action when 'create' then 'created' else 'updated' end
        else 'unchanged'
    end as outcome,
    case
        when rule_outcome is not null then rule_codes
        when done then rule_codes | warnings
        when stopped and action = 'create' then coalesce(code_mask, 0)
        when stopped then rule_codes | coalesce(code_mask, 0) | warnings
        when held_action = 'create' then coalesce(held_mask, 0)
        when held_action is not null then rule_codes | coalesce(held_mask, 0) | warnings
        else rule_codes | coalesce(code_mask, 0) | warnings
    end as codes,
    case
        when rule_outcome is not null then rule_message
        when stopped then plan_message
        when held_action is not null and not done then held_message
        else nullif(concat_ws(' ', rule_message, plan_message), '')
    end as message,
    case
        when rule_outcome is not null
            then case when rule_codes & -rule_codes = (select passback.mask('NO_SCORES_YET')) then 'none' else 'all' end
        when done then 'none'
        when stopped then case when action = 'create' or code in ('DELETED_IN_SIS', 'MARKER_FOUND') then 'all' else 'planned' end
        when held_action = 'create' then 'all'
        when held_action is not null then 'resends'
        else 'none'
    end as inherits,
    coalesce(value_sis_before, '') as value_sis_before,
    coalesce(value_sent, '') as value_sent,
    attempts,
    done as sent,
    coalesce(confirmed, false) as confirmed,
    rule_outcome is not null as by_rule,
    case when stopped then code end as stopped_by
from delivered;

-- As in 0003, with what waits: told by 'guard' where the score's own change does.
create or replace view report.score_outcome as
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
        h.action as held_action, h.code as held_code, w.message as held_message,
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
    left join passback.held_score as h
        on h.run_key = s.run_key and h.item_key = s.item_key and h.student_number = s.student_number and s.outcome is null
    left join passback.held_reason as w on w.run_key = h.run_key and w.source = h.source and w.code = h.code and w.limits = h.limits
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
            when held_action is not null and call_state is distinct from 'accepted'
                then case when held_action = 'resend' and inherits = 'resends' then 'item' else 'guard' end
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
        when 'guard' then d.held_message
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
        when 'call' then coalesce(nullif(d.call_code, ''), d.stop_code, 'SIS_UNAVAILABLE')
        when 'guard' then d.held_code end;

-- Grain: one figure of the guard in one run.
create view report.guard_figure as
select r.run_key, r.dag_id, r.run_id, r.as_of, r.dry_run, f.figure, f.source, f.counted, f.of_all, f.value, f.limit_value, f.passed
from passback.guard_figure as f
join passback.run as r using (run_key);

-- Grain: one release: what was asked, who decided and when (null: it still waits), and what of it was sent.
create view report.release as
select
    q.run_key, r.run_id, r.as_of, h.dag_id as held_dag_id, h.run_id as held_run_id, q.held_run_key, q.items, q.scores, q.figures,
    q.asked_at, q.waits_until, d.decision, d.decided_by, d.decided_at, b.items_sent, b.scores_sent
from passback.release as q
join passback.run as r on r.run_key = q.run_key
join passback.run as h on h.run_key = q.held_run_key
left join lateral (
    select decision, decided_by, decided_at from passback.release_decision as d
    where d.run_key = q.run_key order by decision_id desc limit 1
) as d on true
left join lateral (
    select
        coalesce(sum(created + updated) filter (where level = 'item'), 0)::bigint as items_sent,
        coalesce(sum(created + updated) filter (where level = 'score'), 0)::bigint as scores_sent
    from passback.book as b
    where b.run_key = q.run_key
) as b on true;
