-- Grain: one assignment that our plugin made for an item whose ledger row is of another section: the item was there before, or is there
-- since. It goes into the history with its scores, unverified, so that delivery takes it up when the item comes (back) to that section.
-- Needs the temporary tables holding and held_score. Inputs: %(run_key)s, %(seq)s.
with
elsewhere as (
    select distinct on (h.item_key, h.section_dcid) h.*
    from holding as h
    join passback.ledger_item as l on l.item_key = h.item_key and l.section_dcid <> h.section_dcid
    where h.by_us and h.assignment_id <> l.powerschool_assignment_id
    order by h.item_key, h.section_dcid, h.assignment_id
),
scored as (
    select w.item_key, w.assignment_id, jsonb_agg(jsonb_build_object(
        'item_key', w.item_key, 'student_number', e.student_number, 'student_dcid', s.student_dcid, 'points_sent', s.points,
        'flags_sent', s.flags, 'points_held', s.points, 'flags_held', s.flags, 'confirmed', true, 'seq', %(seq)s, 'run_key', %(run_key)s,
        'unverified', true
    ) order by e.student_number) as scores
    from elsewhere as w
    join held_score as s on s.assignment_section_id = w.assignment_section_id
    join lateral (
        select min(e.student_number) as student_number from staging.enrollment as e
        where e.section_dcid = w.section_dcid and e.student_dcid = s.student_dcid
    ) as e on e.student_number is not null
    group by w.item_key, w.assignment_id
),
kept as (
    select
        w.*, coalesce(s.scores, '[]') as scores, l.category_held as ledger_category,
        to_jsonb(l) || jsonb_build_object(
            'section_dcid', w.section_dcid, 'powerschool_assignment_id', w.assignment_id,
            'powerschool_assignment_section_id', w.assignment_section_id, 'name_sent', w.name, 'name_held', w.name,
            'due_sent', w.due_on, 'due_held', w.due_on, 'total_sent', w.total, 'total_held', w.total,
            'category_sent', coalesce(w.category, l.category_held), 'category_held', coalesce(w.category, l.category_held),
            'state', 'live', 'confirmed', true, 'seq', %(seq)s, 'run_key', %(run_key)s, 'unverified', true
        ) as item
    from elsewhere as w
    join passback.ledger_item as l using (item_key)
    left join scored as s on s.item_key = w.item_key and s.assignment_id = w.assignment_id
)
insert into passback.ledger_history (item_key, run_key, why, item, scores)
select k.item_key, %(run_key)s, 'rebuilt', k.item, k.scores
from kept as k
left join lateral (
    select h.item, h.scores from passback.ledger_history as h
    where h.item_key = k.item_key and (h.item ->> 'powerschool_assignment_id')::bigint = k.assignment_id
    order by h.history_id desc
    limit 1
) as before on true
where before.item is null
    or (before.item ->> 'name_held', before.item ->> 'due_held', before.item ->> 'total_held', before.item ->> 'category_held')
        is distinct from (k.item ->> 'name_held', k.item ->> 'due_held', k.item ->> 'total_held', k.item ->> 'category_held')
    or passback.held_values(before.scores) is distinct from passback.held_values(k.scores)
