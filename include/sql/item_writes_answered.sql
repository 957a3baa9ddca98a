-- Grain: one answered (or otherwise settled) write of an item: its state moves, and with a 2xx the ledger's base, in one transaction.
-- An item made in another section, or made again, takes its old rows into the history first. Base moves only where the answer is newer: what
-- was made while a later state of the item was delivered in another section goes into the history, where it is found again, and an update of
-- an assignment that is the ledger's no longer moves nothing.
-- Inputs: %(settled)s: a JSON array of {write_id, state, code, message, attempts, assignment_id, held};
-- `held`: the fields as PowerSchool holds them after the write, where it is not what was attempted.
create temporary table settled_write on commit drop as
select
    w.write_id, w.run_key, w.item_key, w.section_dcid, w.users_dcid, w.kind, w.attempted, s.state, s.code, s.message, s.attempts,
    coalesce(s.assignment_id, w.powerschool_assignment_id) as assignment_id, coalesce(s.held, w.attempted -> 'held') as held,
    s.state = 'accepted' and case w.kind
        when 'create' then l.item_key is null or l.seq <= (w.attempted ->> 'seq')::bigint
            or l.powerschool_assignment_id = coalesce(s.assignment_id, w.powerschool_assignment_id)
        else l.powerschool_assignment_id = w.powerschool_assignment_id and l.section_dcid = w.section_dcid
    end as moves_base
from jsonb_to_recordset(%(settled)s::jsonb) as s(
    write_id bigint, state text, code text, message text, attempts integer, assignment_id bigint, held jsonb
)
join passback.item_write as w using (write_id)
left join passback.ledger_item as l on l.item_key = w.item_key
where w.state = 'open';

update passback.item_write as w
set state = s.state, code = coalesce(s.code, ''), message = s.message, attempts = w.attempts + coalesce(s.attempts, 0),
    powerschool_assignment_id = s.assignment_id, settled_at = clock_timestamp()
from settled_write as s
where w.write_id = s.write_id;

insert into passback.ledger_history (item_key, run_key, why, item, scores)
select
    l.item_key, s.run_key, 'made again', to_jsonb(l),
    coalesce((select jsonb_agg(to_jsonb(c)) from passback.ledger_score as c where c.item_key = l.item_key), '[]')
from settled_write as s
join passback.ledger_item as l using (item_key)
where s.moves_base and s.kind = 'create' and s.assignment_id is distinct from l.powerschool_assignment_id;

insert into passback.ledger_history (item_key, run_key, why, item, scores)
select
    l.item_key, s.run_key, 'newer elsewhere', to_jsonb(l) || jsonb_build_object(
        'section_dcid', s.section_dcid, 'users_dcid', s.users_dcid, 'powerschool_assignment_id', s.assignment_id,
        'powerschool_assignment_section_id', null, 'name_sent', s.attempted -> 'name', 'name_held', s.attempted -> 'name',
        'due_sent', s.attempted -> 'due_on', 'due_held', s.attempted -> 'due_on', 'total_sent', s.attempted -> 'total',
        'total_held', s.attempted -> 'total', 'category_sent', s.attempted -> 'category', 'category_held', s.attempted -> 'category',
        'state', 'live', 'confirmed', false, 'seq', s.attempted -> 'seq', 'run_key', s.run_key, 'created_run_key', s.run_key
    ), '[]'
from settled_write as s
join passback.ledger_item as l using (item_key)
where s.state = 'accepted' and s.kind = 'create' and not s.moves_base and s.assignment_id is not null;

delete from passback.ledger_score as c
using settled_write as s, passback.ledger_item as l
where s.moves_base and s.kind = 'create' and l.item_key = s.item_key and c.item_key = s.item_key
    and s.assignment_id is distinct from l.powerschool_assignment_id;

insert into passback.ledger_item as l (
    item_key, section_dcid, users_dcid, powerschool_assignment_id, powerschool_assignment_section_id, name_sent, name_held,
    due_sent, due_held, total_sent, total_held, category_sent, category_held, seq, run_key, created_run_key
)
select
    s.item_key, s.section_dcid, s.users_dcid, s.assignment_id, null,
    s.attempted ->> 'name', coalesce(s.held ->> 'name', s.attempted ->> 'name'),
    (s.attempted ->> 'due_on')::date, coalesce(s.held ->> 'due_on', s.attempted ->> 'due_on')::date,
    (s.attempted ->> 'total')::double precision, coalesce(s.held ->> 'total', s.attempted ->> 'total')::double precision,
    s.attempted ->> 'category', coalesce(s.held ->> 'category', s.attempted ->> 'category'),
    (s.attempted ->> 'seq')::bigint, s.run_key, s.run_key
from settled_write as s
where s.moves_base and s.assignment_id is not null
order by s.item_key
on conflict (item_key) do update set
    section_dcid = excluded.section_dcid, users_dcid = excluded.users_dcid,
    powerschool_assignment_id = excluded.powerschool_assignment_id,
    powerschool_assignment_section_id = case
        when l.powerschool_assignment_id = excluded.powerschool_assignment_id
            then coalesce(excluded.powerschool_assignment_section_id, l.powerschool_assignment_section_id)
        else excluded.powerschool_assignment_section_id end,
    name_sent = excluded.name_sent, name_held = excluded.name_held, due_sent = excluded.due_sent, due_held = excluded.due_held,
    total_sent = excluded.total_sent, total_held = excluded.total_held,
    category_sent = excluded.category_sent, category_held = excluded.category_held,
    state = 'live', confirmed = false, unverified = false, seq = excluded.seq, run_key = excluded.run_key, updated_at = clock_timestamp();

drop table settled_write
