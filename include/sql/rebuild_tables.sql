-- The temporary tables that a unit's assignments and scores are read into, and what of them the ledger does not know. Emptied.
create temporary table if not exists held_assignment (
    section_dcid bigint not null, assignment_id bigint not null, assignment_section_id bigint not null, by_us boolean not null,
    source text, source_item_id text, name text not null, due_on date not null, total double precision not null, category_id bigint
);
create temporary table if not exists held_score (
    assignment_section_id bigint not null, student_dcid bigint not null, points double precision, flags smallint not null
);
create temporary table if not exists difference (
    item_key bigint not null, section_dcid bigint not null, assignment_id bigint, level text not null, student_number text not null,
    what text not null, ledger text not null, powerschool text not null
);
truncate held_assignment, held_score, difference
