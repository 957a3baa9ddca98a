-- One row: when sending ends. Inputs: %(run_key)s, %(ends_at)s for the first task that asks, %(stale_before)s: an older end is set anew.
update passback.run
set window_ends_at = case
    when window_ends_at is null or window_ends_at < %(stale_before)s::timestamptz then %(ends_at)s::timestamptz else window_ends_at end
where run_key = %(run_key)s
returning window_ends_at
