-- One temporary table a collection of Otus, for one extraction: rows as they come, before repeats and older versions are out.
-- A version that broke the contract has its reason in `invalid`; where its time could not be read, `updated_at` is infinity.
create temporary table incoming_users (
    id text not null, updated_at timestamptz not null, deleted boolean not null, invalid text,
    role text, sis_id text, groups text[]
) on commit drop;

create temporary table incoming_students (
    id text not null, updated_at timestamptz not null, deleted boolean not null, invalid text,
    student_number text
) on commit drop;

create temporary table incoming_classes (
    id text not null, updated_at timestamptz not null, deleted boolean not null, invalid text,
    sis_section_id text
) on commit drop;

create temporary table incoming_assessments (
    id text not null, updated_at timestamptz not null, deleted boolean not null, invalid text,
    identifier text, title text, kind text, assessment_type text, grading_scale text,
    points_possible double precision, created_at timestamptz
) on commit drop;

create temporary table incoming_assignments (
    id text not null, updated_at timestamptz not null, deleted boolean not null, invalid text,
    assessment_id text, class_id text, assigned_by text, assigned_at timestamptz,
    due_date date, submission_date date, include_in_final_grade boolean
) on commit drop;

create temporary table incoming_scores (
    id text not null, updated_at timestamptz not null, deleted boolean not null, invalid text,
    assignment_id text, student_id text, status text, points double precision, excluded boolean
) on commit drop;

create temporary table incoming_quarantine (
    position bigint generated always as identity,
    collection text not null, place text not null, source_id text not null,
    field text not null, found_type text not null, reason text not null
) on commit drop;

create temporary table incoming_repeats (
    collection text not null, repeated bigint not null
) on commit drop;
