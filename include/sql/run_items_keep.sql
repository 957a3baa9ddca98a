-- Grain: one item of the run. Keeps the items of item_facts that have a verdict (temporary table item_verdict), in their order.
-- Its sequence number is that of the state it was judged by: for Schoology, of the extraction that read its section last.
-- Inputs: %(run_key)s, %(source)s, %(seq)s; %(first_no)s: the last item number given so far.
insert into passback.run_item (
    run_key, item_no, item_key, source, source_item_id, school_number, section_dcid, users_dcid, teacher_category_id,
    title, name, due_on, total, category, codes, outcome, message, seq
)
select
    %(run_key)s, %(first_no)s + row_number() over (order by v.n), f.item_key, %(source)s, f.source_item_id, f.school_number,
    f.section_dcid, f.users_dcid, f.teacher_category_id, coalesce(f.title, ''), v.name, v.due_on, f.total, f.category, v.codes,
    nullif(c.outcome, ''), v.message, coalesce(p.seq, %(seq)s)
from item_verdict as v
join item_facts as f using (n)
left join passback.code as c on 1::bigint << c.bit = v.codes & -v.codes
left join passback.schoology_place as p on %(source)s = 'schoology' and p.section_id = split_part(f.source_item_id, ':', 1)
