-- depends: 0005_schoology
-- What the pages show and what people switch there: each item's status, opt-outs, and the part of the district that a sync asks for.

-- A sync's part: all (every column null), the sections of one teacher, one section, or one item.
alter table passback.run
    add column part_section_dcid bigint,
    add column part_users_dcid bigint,
    add column part_source text,
    add column part_source_item_id text;

-- Opt-outs switched on the pages, beside those of the settings: who and when, every switch kept; the last one of a key counts.
create table passback.opt_out (
    opt_out_id bigint generated always as identity primary key,
    section_dcid bigint,
    source text,
    source_item_id text,
    opted_out boolean not null,
    switched_by text not null,
    switched_at timestamptz not null default clock_timestamp(),
    check ((section_dcid is null) <> (source is null) and (source is null) = (source_item_id is null))
);

create view passback.opted_out as
select section_dcid, source, source_item_id, switched_by, switched_at
from (
    select distinct on (section_dcid, source, source_item_id) *
    from passback.opt_out
    order by section_dcid, source, source_item_id, opt_out_id desc
) as latest
where opted_out;

-- Grain: one item that is staged or was judged, as its page shows it: what the delivering run with the greatest as-of (then the latest
-- start) said of it; no run at all for one that is staged and was not judged yet. A run writes it when its books are drawn up.
-- A night rewrites every row, and seldom a column that is indexed: half of each page is left free for the new rows, so that indexes stay.
create table passback.item_status (
    item_key bigint primary key references passback.item,
    source text not null,
    source_item_id text not null,
    school_number text,
    section_dcid bigint,
    users_dcid bigint,
    title text not null,
    due_on date,
    run_key bigint references passback.run,
    as_of date,
    started_at timestamptz,
    outcome text,
    codes bigint not null default 0,
    message text,
    scores integer not null default 0,
    scores_failed integer not null default 0,
    scores_held integer not null default 0,
    score_codes bigint not null default 0,
    last_success_at timestamptz,
    status text not null generated always as (
        case outcome
            when 'created' then 'successful'
            when 'updated' then 'successful'
            when 'unchanged' then 'successful'
            when 'failed' then 'error'
            when 'skipped' then 'skipped'
            when 'held' then 'held'
            else 'not_yet_synced'
        end
    ) stored
) with (fillfactor = 50);
create index on passback.item_status (section_dcid);
create index on passback.item_status (users_dcid);
create index on passback.item_status (lower(title), item_key);
create index on passback.item_status (status, lower(title), item_key);
create index on passback.item_status (due_on desc nulls last, item_key);
create index on passback.item_status (item_key) where status = 'error' or scores_failed > 0;

-- An item's life over all runs, and every write of it.
create index on passback.run_item (item_key, run_key);
create index on passback.item_write (item_key, write_id);
