-- One row: what the run judges of the source, and how much of it passes. Inputs: %(run_key)s, %(source)s.
select
    (select count(*) from passback.run_item where run_key = %(run_key)s and source = %(source)s) as items,
    (select count(*) from passback.run_item where run_key = %(run_key)s and source = %(source)s and outcome is null) as items_passing,
    (select count(*) from passback.run_score where run_key = %(run_key)s and source = %(source)s) as scores,
    (
        select count(*)
        from passback.run_score as s
        join passback.run_item as i using (run_key, item_no)
        where s.run_key = %(run_key)s and s.source = %(source)s and s.outcome is null and i.outcome is null
    ) as scores_passing
