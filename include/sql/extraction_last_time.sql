-- Grain: one row. The source's own time of the newest state that was taken in; null where nothing was.
select max(source_time) as source_time from passback.extraction where source = %(source)s and finished_at is not null;
