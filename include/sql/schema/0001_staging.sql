-- Staging: mirrors of the sources and of PowerSchool's roster, as last read. Every row carries the number of the extraction (`seq`)
-- that last changed it. A version that broke the contract keeps its id and its reason; what it said is null.
create schema staging;
create schema passback;
create schema report;

create sequence passback.extraction_seq;

-- An id as PowerSchool's number, or null: sources keep SIS ids as text.
create function passback.dcid(id text) returns bigint language sql immutable parallel safe
    return case when id ~ '^[0-9]{1,18}$' then id::bigint end;

create table passback.extraction (
    seq bigint primary key default nextval('passback.extraction_seq'),
    source text not null check (source in ('otus', 'schoology', 'powerschool')),
    run_key bigint not null,
    transport text not null check (transport in ('http', 'files')),
    full_listing boolean not null,
    asked_since timestamptz,
    source_time timestamptz,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz
);
create index on passback.extraction (run_key);

-- One row a collection of one extraction: what the source declared (null: it said nothing), what arrived, what was quarantined.
create table passback.extraction_count (
    seq bigint not null references passback.extraction (seq),
    collection text not null,
    declared bigint,
    received bigint not null,
    quarantined bigint not null,
    primary key (seq, collection)
);

-- Where the next extraction of a source goes on: moved in the rows' own transaction.
create table passback.cursor (
    source text not null,
    part text not null default '',
    updated_since timestamptz not null,
    seq bigint not null references passback.extraction (seq),
    primary key (source, part)
);

create table staging.otus_user (
    id text primary key,
    seq bigint not null,
    updated_at timestamptz,
    deleted boolean not null default false,
    invalid text,
    role text,
    sis_id text,
    groups text[]
);

create table staging.otus_student (
    id text primary key,
    seq bigint not null,
    updated_at timestamptz,
    deleted boolean not null default false,
    invalid text,
    student_number text
);

create table staging.otus_class (
    id text primary key,
    seq bigint not null,
    updated_at timestamptz,
    deleted boolean not null default false,
    invalid text,
    sis_section_id text
);

create table staging.otus_assessment (
    id text primary key,
    seq bigint not null,
    updated_at timestamptz,
    deleted boolean not null default false,
    invalid text,
    identifier text,
    title text,
    kind text,
    assessment_type text,
    grading_scale text,
    points_possible double precision,
    created_at timestamptz
);

create table staging.otus_assignment (
    id text primary key,
    seq bigint not null,
    updated_at timestamptz,
    deleted boolean not null default false,
    invalid text,
    assessment_id text,
    class_id text,
    assigned_by text,
    assigned_at timestamptz,
    due_date date,
    submission_date date,
    include_in_final_grade boolean
);
create index on staging.otus_assignment (assessment_id);
create index on staging.otus_assignment (class_id);

create table staging.otus_score (
    id text primary key,
    seq bigint not null,
    updated_at timestamptz,
    deleted boolean not null default false,
    invalid text,
    assignment_id text,
    student_id text,
    status text,
    points double precision,
    excluded boolean
);
create index on staging.otus_score (assignment_id);

-- One row a record that could not be read: ids, field names, types and the reason; never what a person wrote.
-- `source_id` is empty where the record has no id; such a record counts while its extraction is the source's latest.
create table staging.quarantine (
    quarantine_id bigint generated always as identity primary key,
    source text not null,
    collection text not null,
    seq bigint not null,
    place text not null,
    source_id text not null default '',
    field text not null default '',
    found_type text not null default '',
    reason text not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index on staging.quarantine (source, seq, collection);
create index on staging.quarantine (source, collection, source_id);

-- PowerSchool's roster, replaced school by school. Keys are PowerSchool's: section, student and user DCIDs, TERMS.ID.
create table staging.school (
    school_number text primary key,
    school_name text not null,
    seq bigint not null
);

create table staging.section (
    section_dcid bigint primary key,
    school_number text not null,
    term_id integer not null,
    course_name text not null,
    section_number text not null,
    first_day date not null,
    last_day date not null,
    seq bigint not null
);
create index on staging.section (school_number);

create table staging.section_teacher (
    school_number text not null,
    section_dcid bigint not null,
    users_dcid bigint not null,
    role text not null,
    start_on date,
    end_on date,
    seq bigint not null
);
create index on staging.section_teacher (section_dcid, users_dcid);
create index on staging.section_teacher (school_number);

create table staging.teacher_category (
    school_number text not null,
    users_dcid bigint not null,
    teacher_category_id bigint not null,
    name text not null,
    is_active boolean not null,
    seq bigint not null
);
create index on staging.teacher_category (users_dcid, name);
create index on staging.teacher_category (teacher_category_id);
create index on staging.teacher_category (school_number);

create table staging.enrollment (
    school_number text not null,
    section_dcid bigint not null,
    student_dcid bigint not null,
    student_number text not null,
    entry_on date not null,
    exit_on date,
    dropped boolean not null,
    seq bigint not null
);
create index on staging.enrollment (section_dcid, student_number);
create index on staging.enrollment (school_number);

create table staging.grading_period (
    school_number text not null,
    term_id integer not null,
    store_code text not null,
    first_day date not null,
    last_day date not null,
    seq bigint not null
);
create index on staging.grading_period (school_number, term_id);

-- The rows of the last roster that passed its gate, by school year: what «much smaller than last time» is measured against.
create table passback.accepted_roster (
    year_first_day date not null,
    school_number text not null,
    query text not null,
    row_count bigint not null,
    seq bigint not null references passback.extraction (seq),
    primary key (year_first_day, school_number, query)
);
