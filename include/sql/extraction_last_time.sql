-- Grain: one row. The source's own time of the newest state that was taken in; null where nothing was. A time of over a day after ours
-- was a clock's mistake: there our own counts, so that it does not keep out what comes after.
select
    max(case when source_time > started_at + interval '1 day' then started_at else source_time end) as source_time
from passback.extraction
where source = %(source)s and finished_at is not null;
