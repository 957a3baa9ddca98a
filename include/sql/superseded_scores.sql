-- Grain: one score of score_facts for whose student and item a newer one stands: the temporary table superseded_score. Deleted, invalid and
-- number-less ones do not compete. Of one time the higher id is the newer: as numbers where all are numbers.
create temporary table superseded_score on commit drop as
with
twins as (
    select item_key, student_number
    from score_facts
    where not invalid and not deleted and has_number
    group by item_key, student_number
    having count(*) > 1
),
competing as (
    select
        f.n, f.item_key, f.student_number, f.version_at, f.version_id,
        bool_and(f.version_id ~ '^[0-9]+$') over (partition by f.item_key, f.student_number, f.version_at) as in_numbers
    from score_facts as f
    join twins using (item_key, student_number)
    where not f.invalid and not f.deleted
),
ranked as (
    select
        n,
        row_number() over (
            partition by item_key, student_number
            order by version_at desc nulls last, case when in_numbers then version_id::numeric end desc, version_id collate "C" desc
        ) as place
    from competing
)
select n from ranked where place > 1;

analyze superseded_score;
