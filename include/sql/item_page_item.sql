-- Grain: one item with where it stands and what it is now; no row where it was never seen. Its facts are those of the run that judged
-- it last and sent (`wanted_*`), of the ledger (`sent_*`, `held_*`), and of the roster. `status` is `queued` where a sync or a plan under
-- way has it. Inputs: %(source)s, %(source_item_id)s; what is queued, as in status_page.
select
    i.item_key, i.source, i.source_item_id,
    coalesce(t.title, '') as title,
    case
        when %(queued_all)s::boolean
            or t.section_dcid = any(%(queued_sections)s::bigint[])
            or (i.source, i.source_item_id) in (select * from unnest(%(queued_sources)s::text[], %(queued_items)s::text[]))
            or exists (
                select from passback.plan_item as p
                where p.item_key = i.item_key and p.run_key = any(%(queued_runs)s::bigint[]) and p.state = 'planned')
            then 'queued'
        else coalesce(t.status, 'not_yet_synced')
    end as status,
    coalesce(t.outcome, '') as outcome, report.code_list(coalesce(t.codes, 0)) as codes,
    coalesce(t.message, report.plain_message(c.message), '') as message, coalesce(c.fix, '') as fix, coalesce(c.owner, '') as owner,
    coalesce(t.scores, 0) as scores, coalesce(t.scores_failed, 0) as scores_failed, coalesce(t.scores_held, 0) as scores_held,
    t.last_success_at, t.school_number, coalesce(h.school_name, '') as school_name, t.section_dcid,
    coalesce(s.course_name || ' ' || s.section_number, '') as section_name, t.users_dcid,
    t.run_key, r.dag_id, r.run_id, r.as_of,
    j.item_no, j.name as wanted_name, coalesce(j.due_on, t.due_on) as wanted_due_on, j.total as wanted_total,
    j.category as wanted_category,
    l.powerschool_assignment_id, l.state as ledger_state, l.confirmed as ledger_confirmed, l.updated_at as ledger_updated_at,
    l.name_sent as sent_name, l.due_sent as sent_due_on, l.total_sent as sent_total, l.category_sent as sent_category,
    l.name_held as held_name, l.due_held as held_due_on, l.total_held as held_total, l.category_held as held_category
from passback.item as i
left join passback.item_status as t using (item_key)
left join passback.run as r on r.run_key = t.run_key
left join passback.run_item as j on j.run_key = t.run_key and j.item_key = i.item_key
left join passback.ledger_item as l on l.item_key = i.item_key
left join staging.school as h on h.school_number = t.school_number
left join staging.section as s on s.section_dcid = t.section_dcid
left join passback.code as c on 1::bigint << c.bit = t.codes & -t.codes
where i.source = %(source)s and i.source_item_id = %(source_item_id)s
