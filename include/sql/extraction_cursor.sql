-- Grain: one row. Where the next extraction of a source goes on; null where it begins.
select max(updated_since) as updated_since from passback.cursor where source = %(source)s and part = '';
