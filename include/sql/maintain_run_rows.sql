-- One row: how many rows of one old run went, at most %(rows)s of each table, so that a transaction is short; 0 in the end.
-- The ledger, its history, the items, opt-outs, open writes, releases with their decisions, and the run itself stay. Inputs: %(run_key)s, %(rows)s.
with
going as (
    select run_key from passback.run where run_key = %(run_key)s and rows_deleted_at is not null
),
plan_score_gone as (
    delete from passback.plan_score
    where ctid = any(array(
        select t.ctid from passback.plan_score as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
score_exception_gone as (
    delete from passback.score_exception
    where ctid = any(array(
        select t.ctid from passback.score_exception as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
score_call_gone as (
    delete from passback.score_call
    where ctid = any(array(
        select t.ctid from passback.score_call as t join going using (run_key) where state <> 'open' limit %(rows)s
    ))
    returning 1
),
item_write_gone as (
    delete from passback.item_write
    where ctid = any(array(
        select t.ctid from passback.item_write as t join going using (run_key) where state <> 'open' limit %(rows)s
    ))
    returning 1
),
plan_item_gone as (
    delete from passback.plan_item
    where ctid = any(array(
        select t.ctid from passback.plan_item as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
held_score_gone as (
    delete from passback.held_score
    where ctid = any(array(
        select t.ctid from passback.held_score as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
held_item_gone as (
    delete from passback.held_item
    where ctid = any(array(
        select t.ctid from passback.held_item as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
held_reason_gone as (
    delete from passback.held_reason
    where ctid = any(array(
        select t.ctid from passback.held_reason as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
guard_figure_gone as (
    delete from passback.guard_figure
    where ctid = any(array(
        select t.ctid from passback.guard_figure as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
release_score_gone as (
    delete from passback.release_score
    where ctid = any(array(
        select t.ctid from passback.release_score as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
release_item_gone as (
    delete from passback.release_item
    where ctid = any(array(
        select t.ctid from passback.release_item as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
line_gone as (
    delete from passback.line
    where ctid = any(array(
        select t.ctid from passback.line as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
book_gone as (
    delete from passback.book
    where ctid = any(array(
        select t.ctid from passback.book as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
book_code_gone as (
    delete from passback.book_code
    where ctid = any(array(
        select t.ctid from passback.book_code as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
run_requests_gone as (
    delete from passback.run_requests
    where ctid = any(array(
        select t.ctid from passback.run_requests as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
run_note_gone as (
    delete from passback.run_note
    where ctid = any(array(
        select t.ctid from passback.run_note as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
run_problem_gone as (
    delete from passback.run_problem
    where ctid = any(array(
        select t.ctid from passback.run_problem as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
run_score_gone as (
    delete from passback.run_score
    where ctid = any(array(
        select t.ctid from passback.run_score as t join going using (run_key) limit %(rows)s
    ))
    returning 1
),
run_item_gone as (
    delete from passback.run_item
    where ctid = any(array(
        select t.ctid from passback.run_item as t join going using (run_key) limit %(rows)s
    ))
    returning 1
)
select (select count(*) from plan_score_gone)
    + (select count(*) from score_exception_gone)
    + (select count(*) from score_call_gone)
    + (select count(*) from item_write_gone)
    + (select count(*) from plan_item_gone)
    + (select count(*) from held_score_gone)
    + (select count(*) from held_item_gone)
    + (select count(*) from held_reason_gone)
    + (select count(*) from guard_figure_gone)
    + (select count(*) from release_score_gone)
    + (select count(*) from release_item_gone)
    + (select count(*) from line_gone)
    + (select count(*) from book_gone)
    + (select count(*) from book_code_gone)
    + (select count(*) from run_requests_gone)
    + (select count(*) from run_note_gone)
    + (select count(*) from run_problem_gone)
    + (select count(*) from run_score_gone)
    + (select count(*) from run_item_gone) as rows
