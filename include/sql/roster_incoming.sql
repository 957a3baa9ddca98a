-- One temporary table a query of the roster, for one extraction; `school_number` is the school that was asked for.
create temporary table incoming_schools (
    school_number text not null, school_name text not null
) on commit drop;

create temporary table incoming_sections (
    school_number text not null, section_dcid bigint not null, term_id integer not null, course_name text not null,
    section_number text not null, first_day date not null, last_day date not null
) on commit drop;

create temporary table incoming_section_teachers (
    school_number text not null, section_dcid bigint not null, users_dcid bigint not null, role text not null,
    start_on date, end_on date
) on commit drop;

create temporary table incoming_teacher_categories (
    school_number text not null, users_dcid bigint not null, teacher_category_id bigint not null, name text not null,
    is_active boolean not null
) on commit drop;

create temporary table incoming_enrollments (
    school_number text not null, section_dcid bigint not null, student_dcid bigint not null, student_number text not null,
    entry_on date not null, exit_on date, dropped boolean not null
) on commit drop;

create temporary table incoming_grading_periods (
    school_number text not null, term_id integer not null, store_code text not null, first_day date not null,
    last_day date not null
) on commit drop;

create temporary table incoming_quarantine (
    position bigint generated always as identity,
    school_number text not null, collection text not null, place text not null, source_id text not null,
    field text not null, found_type text not null, reason text not null
) on commit drop;
