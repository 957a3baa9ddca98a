-- Temporary tables for what is read of Schoology: one chunk of sections at a time, emptied by each commit. `invalid`: why a version
-- broke the contract. incoming_listing: what was asked for; `whole`: everything was, and came, so that what it lacks is gone.
create temporary table incoming_listing (
    collection text not null, section_id text not null, whole boolean not null
) on commit delete rows;

create temporary table incoming_code (code text not null) on commit delete rows;

create temporary table incoming_sections (
    id text not null, invalid text, section_school_code text, active boolean, grading_periods text[]
) on commit delete rows;

create temporary table incoming_grade_items (
    id text not null, invalid text, section_id text not null, grade_item_id text not null, other_id text, title text, kind text,
    due_on date, grading_scale text, grading_period text, grading_category text, max_points double precision, is_final boolean,
    published boolean, count_in_grade boolean, collected_only boolean, assignees text[]
) on commit delete rows;

create temporary table incoming_grades (
    source_id text not null, invalid text, section_id text not null, assignment_id text not null, enrollment_id text not null,
    is_final boolean not null, grade double precision, grade_unreadable boolean not null, exception integer, changed_at bigint
) on commit delete rows;

create temporary table placed_grades (
    id text not null, source_id text not null, invalid text, section_id text not null, item_id text not null, enrollment_id text not null,
    grade double precision, grade_unreadable boolean not null, exception integer, changed_at bigint
) on commit delete rows;

create temporary table incoming_enrollments (
    id text not null, invalid text, section_id text not null, student_number text, admin boolean, status text
) on commit delete rows;

create temporary table incoming_grading_categories (
    source_id text not null, invalid text, section_id text not null, id text not null, title text
) on commit delete rows;

create temporary table incoming_grading_periods (
    source_id text not null, invalid text, section_id text not null, id text not null, title text, start_on date, end_on date
) on commit delete rows;

create temporary table incoming_quarantine (
    position bigint generated always as identity,
    collection text not null, section_id text not null, place text not null, source_id text not null,
    field text not null, found_type text not null, reason text not null
) on commit delete rows;

create temporary table incoming_place (
    section_id text not null, grades_since timestamptz, items_read_at timestamptz, swept_at timestamptz,
    enrollments_read_at timestamptz, categories_read_at timestamptz, periods_read_at timestamptz
) on commit delete rows;
