-- Marks what a passed limit counts, a bit a limit (passback.guard.figures), in the temporary tables wanted and planned_score: every change of
-- a source that newly fails. What an item's change would have sent again waits with it.
-- Inputs: %(scores_changed_share)s, %(scores_halved_share)s, %(new_zeros)s, %(items_changed_share)s: the limit's bit where it is passed, else 0;
-- %(items_newly_failing_share)s: the bit, %(sources)s: the sources that newly fail.
update wanted as w
set limits = case when w.item_key in (select item_key from in_scope) and w.action = 'update' then %(items_changed_share)s else 0 end
    | case when w.source = any(%(sources)s) then %(items_newly_failing_share)s else 0 end
where w.action in ('create', 'update');

update planned_score as p
set limits = case when p.action = 'update' and p.item_key in (select item_key from in_scope)
        then %(scores_changed_share)s | case when 2 * p.points < p.base_points then %(scores_halved_share)s else 0 end else 0 end
    | case when p.action <> 'resend' and p.points = 0 and p.base_points is distinct from 0 then %(new_zeros)s else 0 end
    | case when p.source = any(%(sources)s) then %(items_newly_failing_share)s else 0 end
where p.action <> 'resend';

update planned_score as p set limits = w.limits from wanted as w where w.item_key = p.item_key and p.action = 'resend' and w.limits <> 0
