-- Grain: `new_line`, one row an item or score of `outcome` that is not as it should be or carries a warning, inherited scores apart;
-- in the order of the file: by school, source, item, the item before its scores. Needs the temporary table `outcome`.
drop table if exists new_line;
create temporary table new_line as
with
meaning as materialized (
    select bit, code, severity, owner, fix, report.plain_message(message) as message from passback.code
),
masks as materialized (
    select codes, report.code_list(codes) as code_list
    from (select distinct codes from outcome where not inherited) as distinct_masks
),
waiting as (
    select item_no, count(*) as scores from outcome where inherited group by item_no
),
telling as (
    select o.*, split_part(m.code_list, ';', 1) as code, substr(m.code_list, strpos(m.code_list || ';', ';') + 1) as other_codes
    from outcome as o
    join masks as m using (codes)
    where not o.inherited and (o.codes <> 0 or o.outcome in ('skipped', 'held', 'failed'))
)
select
    row_number() over (
        order by t.school_number collate "C", t.source collate "C", t.item_no, t.level collate "C", t.student_number collate "C",
            t.source_score_id collate "C"
    ) as line_no,
    t.source, t.level, t.item_key, t.source_item_id, t.student_number, t.source_score_id, t.school_number, i.section_dcid, t.users_dcid,
    coalesce(i.title, '') as title, t.outcome, t.code, t.other_codes, coalesce(m.severity, '') as severity,
    coalesce(t.message, m.message, '') as cause, coalesce(m.fix, '') as fix, coalesce(m.owner, '') as owner,
    coalesce(t.value_source, '') as value_source, coalesce(t.value_sis_before, '') as value_sis_before,
    coalesce(t.value_sent, '') as value_sent, i.due_on, t.attempts, case when t.level = 'item' then coalesce(w.scores, 0) else 0 end as waiting
from telling as t
left join meaning as m on m.code = t.code
left join passback.run_item as i on i.run_key = %(run_key)s and i.item_no = t.item_no
left join waiting as w on w.item_no = t.item_no;
analyze new_line;
