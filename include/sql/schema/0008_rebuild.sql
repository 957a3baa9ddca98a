-- depends: 0007_guard
-- Rebuilding the ledger from PowerSchool, and what maintenance keeps of old runs.

-- `unverified`: the row was rebuilt from what PowerSchool holds. Where ours equals it, a run makes it ordinary; where ours differs, the
-- change is held until a person releases it.
alter table passback.ledger_item add column unverified boolean not null default false;
alter table passback.ledger_score add column unverified boolean not null default false;
create index on passback.ledger_item (item_key) where unverified;
create index on passback.ledger_score (item_key) where unverified;

-- The history's rows come back into these tables whole.
update passback.ledger_history
set item = item || '{"unverified": false}',
    scores = (select coalesce(jsonb_agg(s || '{"unverified": false}'), '[]') from jsonb_array_elements(scores) as s);

-- Who released changes that were held as UNVERIFIED, and how: the source's values go, or PowerSchool's stay.
create table passback.unverified_release (
    release_id bigint generated always as identity primary key,
    accepted text not null check (accepted in ('source', 'powerschool')),
    released_by text not null,
    sections bigint[],
    items bigint not null,
    scores bigint not null,
    released_at timestamptz not null default clock_timestamp()
);

-- When maintenance took out the rows of an old run: it stays known as a night, its items and scores do not.
alter table passback.run add column rows_deleted_at timestamptz;
create index on passback.run (started_at);
create index on staging.quarantine (recorded_at);

-- What the scores of a history's row held, in one order: to tell whether PowerSchool still holds the same.
create function passback.held_values(scores jsonb) returns jsonb language sql immutable parallel safe
    return (
        select jsonb_agg(jsonb_build_array(s -> 'student_number', s -> 'points_held', s -> 'flags_held') order by s ->> 'student_number')
        from jsonb_array_elements(scores) as s
        where s -> 'points_held' <> 'null' or s -> 'flags_held' <> '0'
    );

-- Whether PowerSchool only keeps a text otherwise than it was sent (blanks, characters, its end cut): nobody has edited it.
-- As passback.delivery.listing.normalised.
create function passback.same_letters(sent text, held text) returns boolean language sql immutable parallel safe
    return (
        select ours = theirs or (starts_with(ours, theirs) and length(held) >= 45)
        from (select
            regexp_replace(lower(normalize(sent, nfkd)), '[^a-z0-9]', '', 'g') as ours,
            regexp_replace(lower(normalize(held, nfkd)), '[^a-z0-9]', '', 'g') as theirs) as letters
    );
