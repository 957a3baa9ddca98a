-- depends: 0008_rebuild
-- The circuit breaker of an API, over all processes together.

-- `failures`: calls in a row that ended without the API. `open_until`: null while the breaker is closed; else the moment from which one
-- call may go as a probe. `probe_until`: how long the probe that is under way may take; nobody else goes beside it, and a dead one holds
-- nobody up for longer. `probe`: the number of the newest probe; it only ever rises, so that an older one's end changes nothing.
alter table passback.api_budget add column failures integer not null default 0;
alter table passback.api_budget add column open_until timestamptz;
alter table passback.api_budget add column probe_until timestamptz;
alter table passback.api_budget add column probe bigint not null default 0;
