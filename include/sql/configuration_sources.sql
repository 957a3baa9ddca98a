-- Grain: one system that was read: when its last complete reading ended. Inputs: none.
select source, max(finished_at) as read_at from passback.extraction where finished_at is not null group by source order by source
