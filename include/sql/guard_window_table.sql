-- The temporary table guard_window: the days that count as the grading periods of a (school, term); filled by COPY from grading_windows.
create temporary table guard_window (
    school_number text not null, term_id bigint not null, first_day date not null, last_day date not null, is_current boolean not null
) on commit drop
