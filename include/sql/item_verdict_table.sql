-- The temporary tables that verdicts come back in: one row an item of item_facts, one row a failing score of score_facts. And what the
-- facts ask for: the category map, and the items whose title an older one of their section has.
create temporary table item_verdict (
    n bigint not null, due_on date, name text, codes bigint not null, message text, ended boolean not null
) on commit drop;
create temporary table score_verdict (n bigint not null, codes bigint not null) on commit drop;
create temporary table late_verdict (item_no bigint not null, codes bigint not null) on commit drop;
create temporary table younger_twin (source_item_id text primary key) on commit drop;
create temporary table category_map (school_number text not null, source_type text not null, category text not null) on commit drop
