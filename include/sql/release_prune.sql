-- Takes out what was judged with the sections of a release and is none of its items. Inputs: %(run_key)s of the release.
delete from passback.run_score as s
where s.run_key = %(run_key)s
    and not exists (select from passback.release_item as i where i.run_key = s.run_key and i.item_key = s.item_key);

delete from passback.run_item as r
where r.run_key = %(run_key)s
    and not exists (select from passback.release_item as i where i.run_key = r.run_key and i.item_key = r.item_key)
