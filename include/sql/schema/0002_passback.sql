-- depends: 0001_staging
-- The pipeline's own state: runs and their verdicts, the plan, every write on record, and the ledger of what was delivered.

-- The catalogue of codes, refreshed from passback/codes.csv: a mask of codes has the bit of each.
create table passback.code (
    bit smallint primary key check (bit between 0 and 62),
    code text not null unique,
    kind text not null,
    severity text not null,
    owner text not null,
    message text not null,
    fix text not null,
    outcome text not null
);

create table passback.run (
    run_key bigint generated always as identity primary key,
    dag_id text not null,
    run_id text not null,
    as_of date not null,
    dry_run boolean not null,
    parameters jsonb not null,
    settings jsonb not null,
    sources text[] not null,
    schools text[],
    year_first_day date not null,
    year_last_day date not null,
    started_at timestamptz not null default clock_timestamp(),
    window_ends_at timestamptz,
    finished_at timestamptz,
    balanced boolean,
    stopped_by text,
    unique (dag_id, run_id)
);

-- One row a source that was on in a run: which extraction was judged, or why it was not.
create table passback.run_source (
    run_key bigint not null references passback.run,
    source text not null,
    seq bigint,
    state text not null check (state in ('on', 'read', 'unreadable', 'refused')),
    reason text not null default '',
    primary key (run_key, source)
);

-- What makes a run red beside its items and scores: a gate, a source, the books. One row a cause; a repeated task replaces its own.
create table passback.run_problem (
    run_key bigint not null references passback.run,
    step text not null,
    code text not null default '',
    message text not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (run_key, step, message)
);

-- HTTP requests by step and system; a task that is run again adds to them.
create table passback.run_requests (
    run_key bigint not null references passback.run,
    system text not null,
    step text not null,
    total bigint not null default 0,
    retried bigint not null default 0,
    throttled bigint not null default 0,
    primary key (run_key, system, step)
);

-- Every item ever seen, under a short key for everything that follows.
create table passback.item (
    item_key bigint generated always as identity primary key,
    source text not null,
    source_item_id text not null,
    unique (source, source_item_id)
);

-- Grain: one item of one run, as judged. `codes` is the mask of rule codes; `outcome` follows from it, null where the item passes.
create table passback.run_item (
    run_key bigint not null,
    item_no bigint not null,
    item_key bigint,
    source text not null,
    source_item_id text not null,
    school_number text,
    section_dcid bigint,
    users_dcid bigint,
    teacher_category_id bigint,
    title text not null,
    name text,
    due_on date,
    total double precision,
    category text,
    codes bigint not null,
    outcome text,
    message text,
    seq bigint not null,
    primary key (run_key, item_no)
);
create unique index on passback.run_item (run_key, item_key);

-- Grain: one score of one run, as judged by its own rules. `flags`: 1 exempt, 2 incomplete, 4 missing.
create table passback.run_score (
    run_key bigint not null,
    item_no bigint,
    item_key bigint,
    source text not null,
    source_score_id text not null,
    source_item_id text not null,
    student_number text,
    student_dcid bigint,
    points double precision,
    flags smallint not null default 0,
    codes bigint not null,
    outcome text,
    message text
);
create index on passback.run_score (run_key, item_key, student_number);

-- The ledger: what PowerSchool was last given, and what it held after it. `sent` is compared with ours, `held` with theirs.
create table passback.ledger_item (
    item_key bigint primary key references passback.item,
    section_dcid bigint not null,
    users_dcid bigint not null,
    powerschool_assignment_id bigint not null,
    powerschool_assignment_section_id bigint,
    name_sent text not null,
    name_held text not null,
    due_sent date not null,
    due_held date not null,
    total_sent double precision not null,
    total_held double precision not null,
    category_sent text not null,
    category_held text not null,
    state text not null default 'live' check (state in ('live', 'deleted')),
    confirmed boolean not null default false,
    seq bigint not null,
    run_key bigint not null,
    created_run_key bigint not null,
    updated_at timestamptz not null default clock_timestamp()
);
create index on passback.ledger_item (section_dcid);

create table passback.ledger_score (
    item_key bigint not null,
    student_number text not null,
    student_dcid bigint not null,
    points_sent double precision,
    flags_sent smallint not null,
    points_held double precision,
    flags_held smallint not null,
    confirmed boolean not null default false,
    seq bigint not null,
    run_key bigint not null,
    primary key (item_key, student_number)
);

-- What the ledger held before an item moved to another section or was made again.
create table passback.ledger_history (
    history_id bigint generated always as identity primary key,
    item_key bigint not null,
    run_key bigint not null,
    why text not null,
    item jsonb not null,
    scores jsonb not null,
    recorded_at timestamptz not null default clock_timestamp()
);

-- Grain: one item with something to send in one run. `unit_users_dcid` is the teacher under whom the item's section is listed.
-- `state`: planned; accepted (2xx on record: `proved` says what it was); refused (failed with `code`); held; done (nothing of the item
-- itself was to be sent).
create table passback.plan_item (
    run_key bigint not null,
    item_key bigint not null,
    shard integer not null,
    unit_users_dcid bigint not null,
    section_dcid bigint not null,
    users_dcid bigint not null,
    action text not null check (action in ('create', 'update', 'scores')),
    moved boolean not null default false,
    state text not null default 'planned' check (state in ('planned', 'accepted', 'refused', 'held', 'done')),
    proved text check (proved in ('create', 'update')),
    confirmed boolean,
    code text not null default '',
    warnings bigint not null default 0,
    message text,
    value_sis_before text,
    value_sent text,
    attempts integer not null default 0,
    primary key (run_key, item_key)
);
create index on passback.plan_item (run_key, shard);
create index on passback.plan_item (run_key, section_dcid);
create index on passback.plan_item (item_key, run_key);

-- Grain: one score to send in one run: the value before (the ledger's; `before_*`: as read) and the value attempted.
-- `proved`: what an earlier attempt of the run was already told to be accepted, where the row was planned again.
create table passback.plan_score (
    run_key bigint not null,
    item_key bigint not null,
    student_number text not null,
    student_dcid bigint not null,
    batch integer not null,
    action text not null check (action in ('create', 'update', 'resend')),
    base_points double precision,
    base_flags smallint,
    held_points double precision,
    held_flags smallint,
    points double precision,
    flags smallint not null,
    seq bigint not null,
    proved text check (proved in ('create', 'update')),
    primary key (run_key, item_key, student_number)
);

-- Grain: one score of a plan to which something happened that its call does not tell. `state`: dropped, kept (a teacher's edit stays),
-- refused (with `code`), mismatch, warned (sent all the same). `theirs_*`: what PowerSchool held.
create table passback.score_exception (
    run_key bigint not null,
    item_key bigint not null,
    student_number text not null,
    state text not null check (state in ('dropped', 'kept', 'refused', 'mismatch', 'warned')),
    code text not null default '',
    warnings bigint not null default 0,
    message text,
    theirs text,
    attempts integer not null default 0,
    primary key (run_key, item_key, student_number)
);

-- Every write of an item, on record before it is sent. An open one of a dead attempt is settled by what PowerSchool holds.
create table passback.item_write (
    write_id bigint generated always as identity primary key,
    run_key bigint not null,
    item_key bigint not null,
    section_dcid bigint not null,
    users_dcid bigint not null,
    kind text not null check (kind in ('create', 'update')),
    before jsonb,
    attempted jsonb not null,
    state text not null default 'open' check (state in ('open', 'accepted', 'refused', 'not_done')),
    powerschool_assignment_id bigint,
    code text not null default '',
    message text,
    attempts integer not null default 0,
    opened_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz
);
create index on passback.item_write (section_dcid) where state = 'open';
create index on passback.item_write (run_key, section_dcid);
create index on passback.item_write (item_key) where state = 'open';

-- Every score call, on record before it is sent: its rows are the plan's of the same item and batch.
create table passback.score_call (
    call_id bigint generated always as identity primary key,
    run_key bigint not null,
    item_key bigint not null,
    batch integer not null,
    section_dcid bigint not null,
    state text not null default 'open' check (state in ('open', 'accepted', 'refused', 'not_done')),
    code text not null default '',
    message text,
    verified boolean not null default false,
    attempts integer not null default 0,
    opened_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    unique (run_key, item_key, batch)
);
create index on passback.score_call (section_dcid) where state = 'open';
create index on passback.score_call (run_key, section_dcid);

-- When the next request to an API may begin, over all processes; and until when it asked to wait.
create table passback.api_budget (
    api text primary key,
    next_at timestamptz not null,
    paused_until timestamptz
);

-- Grain: one line of a run's reconciliation. Kept by as-of, so that a later night can say since when a code stands.
create table passback.line (
    run_key bigint not null references passback.run,
    line_no bigint not null,
    as_of date not null,
    source text not null,
    level text not null check (level in ('item', 'score')),
    item_key bigint,
    source_item_id text not null,
    student_number text not null default '',
    source_score_id text not null default '',
    school_number text not null default '',
    section_dcid bigint,
    users_dcid bigint,
    title text not null,
    outcome text not null,
    code text not null,
    other_codes text not null,
    severity text not null,
    message text not null,
    fix text not null,
    owner text not null,
    value_source text not null default '',
    value_sis_before text not null default '',
    value_sent text not null default '',
    due_on date,
    first_seen date not null,
    nights_open integer not null,
    attempts integer not null,
    primary key (run_key, line_no)
);
create index on passback.line (source, level, source_item_id, source_score_id, as_of);

-- The body of `PUT /ws/xte/score`: every row states its three flags; a flag without a score has the three value fields null.
create function passback.score_body(assignment_section_id bigint, students bigint[], points double precision[], flags smallint[])
returns text language sql immutable
    return (
        select json_build_object('assignment_scores', json_agg(json_build_object(
            '_assignmentsection', json_build_object('assignmentsectionid', assignment_section_id),
            'studentsdcid', r.student,
            'actualscoreentered', trim_scale(r.points::numeric)::text,
            'actualscorekind', case when r.points is not null then 'REAL_SCORE' end,
            'scoretype', 'POINTS',
            'scorepoints', r.points,
            'isexempt', r.flags & 1 <> 0,
            'isincomplete', r.flags & 2 <> 0,
            'ismissing', r.flags & 4 <> 0
        )))::text
        from unnest(students, points, flags) as r(student, points, flags)
    );
