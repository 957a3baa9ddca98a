-- Grain: `standing`; ends the search for rows whose key had the code on no earlier day at all. Returns how many stay open.
update standing as s
set open = false
where s.open
    and not exists (
        select 1 from passback.line as l
        where l.source = s.source
            and l.level = s.level
            and l.source_item_id = s.source_item_id
            and l.source_score_id = s.source_score_id
            and l.as_of < %(night)s
            and (l.code = s.code or s.code = any (string_to_array(l.other_codes, ';'))));
select count(*) as open from standing where open;
