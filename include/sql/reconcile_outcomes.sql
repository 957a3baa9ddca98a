-- Grain: `outcome`, one row an item or a score of the run, read once from the views; `cube`, those counted.
drop table if exists outcome, cube;
create temporary table outcome as
select
    'item' as level, item_no, item_key, source, source_item_id, '' as source_score_id, '' as student_number,
    coalesce(school_number, '') as school_number, users_dcid, outcome, codes, false as inherited, confirmed, attempts, message,
    '' as value_source, value_sis_before, value_sent
from report.item_outcome
where run_key = %(run_key)s
union all
select
    'score', item_no, item_key, source, source_item_id, source_score_id, coalesce(student_number, ''),
    coalesce(school_number, ''), users_dcid, outcome, codes, inherited, confirmed, attempts, message,
    case when codes <> 0 and not inherited then value_source end, value_sis_before,
    case when codes <> 0 and not inherited then value_sent end
from report.score_outcome
where run_key = %(run_key)s;
create temporary table cube as
select level, source, school_number, users_dcid, outcome, codes, inherited, confirmed, count(*) as count
from outcome
group by level, source, school_number, users_dcid, outcome, codes, inherited, confirmed;
analyze outcome, cube;
