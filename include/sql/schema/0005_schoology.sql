-- depends: 0004_report
-- Schoology, staged: sections with their items, grades, enrolments, categories and grading periods, as last read. Ids are texts.
-- `deleted`: a complete listing lacks it, or the source says so. A version that broke the contract keeps its id and its reason.

-- `section_dcid`: the PowerSchool section of `section_school_code`; `deleted`: it is found under its code no longer.
create table staging.schoology_section (
    id text primary key,
    seq bigint not null,
    deleted boolean not null default false,
    invalid text,
    section_school_code text not null,
    section_dcid bigint,
    active boolean,
    grading_periods text[]
);
create index on staging.schoology_section (section_dcid);

-- `id`: «<section id>:<grade item id>», the item's key everywhere. `max_points` is null where it is no number. `due_on`: null where the
-- source gives none. `assignees`: null is everyone. `other_id`: the record's field grade_item_id, by which a grade may name it too.
create table staging.schoology_item (
    id text primary key,
    seq bigint not null,
    deleted boolean not null default false,
    invalid text,
    section_id text not null,
    grade_item_id text not null,
    other_id text,
    title text,
    kind text,
    due_on date,
    grading_scale text,
    grading_period text,
    grading_category text,
    max_points double precision,
    is_final boolean,
    published boolean,
    count_in_grade boolean,
    collected_only boolean,
    assignees text[]
);
create index on staging.schoology_item (section_id);

-- `id`: «<item key>:<enrollment id>». `grade` is null where there is none or it is no number (`grade_unreadable`).
-- `changed_at`: the source's `timestamp`.
create table staging.schoology_grade (
    id text primary key,
    seq bigint not null,
    deleted boolean not null default false,
    invalid text,
    section_id text not null,
    item_id text not null,
    enrollment_id text not null,
    grade double precision,
    grade_unreadable boolean not null default false,
    exception integer,
    changed_at bigint
);
create index on staging.schoology_grade (section_id);

-- Items whose grades came and were not staged, since the item was unknown or a final-grade column: once it is another thing, no delta
-- brings those grades again, and the section's are read in full.
create table staging.schoology_left_out (
    section_id text not null,
    grade_item_id text not null,
    primary key (section_id, grade_item_id)
);

-- `id`: the enrolment's. `student_number`: `school_uid`, null where it is empty.
create table staging.schoology_enrollment (
    id text primary key,
    seq bigint not null,
    deleted boolean not null default false,
    invalid text,
    section_id text not null,
    student_number text,
    admin boolean,
    status text
);
create index on staging.schoology_enrollment (section_id);

create table staging.schoology_category (
    section_id text not null,
    id text not null,
    seq bigint not null,
    title text not null,
    primary key (section_id, id)
);

create table staging.schoology_grading_period (
    section_id text not null,
    id text not null,
    seq bigint not null,
    title text not null,
    start_on date,
    end_on date,
    primary key (section_id, id)
);

-- The section in which a record was bad, where its source reads section by section: those of a section that is read again are replaced.
alter table staging.quarantine add column section_id text not null default '';

-- The number of the window of so many seconds in which a moment lies. Windows begin at another moment for each key, always the same one,
-- so that what is due once in a window is not due for all keys at once.
create function passback.own_window(key text, moment timestamptz, seconds double precision) returns bigint
    language sql immutable parallel safe
    return floor(extract(epoch from moment)::double precision / seconds + (hashtextextended(key, 0) & 1048575) / 1048576.0)::bigint;

-- Where the extraction of one section goes on: grades are asked for from `grades_since`; the rest says how old its parts are, all by
-- Schoology's clock. Moved in the transaction of the rows that it stands for; `seq`: the extraction that read it last.
create table passback.schoology_place (
    section_id text primary key,
    grades_since timestamptz,
    items_read_at timestamptz,
    swept_at timestamptz,
    enrollments_read_at timestamptz,
    categories_read_at timestamptz,
    periods_read_at timestamptz,
    seq bigint not null references passback.extraction (seq)
);

-- When requests to an API were granted, the newest last, as many as its limit: no more than that many begin in any window of its length.
alter table passback.api_budget add column granted_at timestamptz[] not null default '{}';

-- What a run's reader should know and what makes it no redder: a section that was judged as last known, and the like.
create table passback.run_note (
    run_key bigint not null references passback.run,
    step text not null,
    message text not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (run_key, step, message)
);
