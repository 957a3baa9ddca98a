-- depends: 0010_overlaps
-- A score's text is its number, however many digits it has: a cast of a double to numeric keeps 15 of them, its own text all.

create or replace function passback.score_body(
    assignment_section_id bigint, students bigint[], points double precision[], flags smallint[]
) returns text language sql immutable
    return (
        select json_build_object('assignment_scores', json_agg(json_build_object(
            '_assignmentsection', json_build_object('assignmentsectionid', assignment_section_id),
            'studentsdcid', r.student,
            'actualscoreentered', trim_scale(r.points::text::numeric)::text,
            'actualscorekind', case when r.points is not null then 'REAL_SCORE' end,
            'scoretype', 'POINTS',
            'scorepoints', r.points,
            'isexempt', r.flags & 1 <> 0,
            'isincomplete', r.flags & 2 <> 0,
            'ismissing', r.flags & 4 <> 0
        )))::text
        from unnest(students, points, flags) as r(student, points, flags)
    );
