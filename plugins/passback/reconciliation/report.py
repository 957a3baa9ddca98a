"""Reconciles a run: draws up its books, writes its lines and its report, and keeps with the run whether it balances."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from passback import database
from passback.database import Connection
from passback.errors import Transient
from passback.reconciliation import books, files, folder, lines, verdict

SORT_MEMORY = "128MB"
TURN_SECONDS = 900


def reconcile(uri: str, run_key: int, reports: str) -> dict[str, Any]:
    """Reconciles the run and writes its report under `reports`; may be called again: rows are written anew, files kept.

    Returns the report's `folder`, whether the books are `balanced`, the counts of `lines`, `items` and `scores`, and
    the `red` reasons. Raises LookupError where there is no such run. Two calls for one run take turns.
    """
    with database.connect(uri) as connection:
        connection.execute("select set_config('work_mem', %s, false)", [SORT_MEMORY])
        with _turn(connection, f"Another reconciliation of this run (number {run_key})"):
            turn = "select pg_advisory_lock(hashtext('passback.reconcile'), %s::integer)"
            connection.execute(turn, [run_key % 2**31])
        run = database.one(connection, "reconcile_run", run_key=run_key)
        drawn_up = books.draw_up(connection, run_key)
        with _turn(connection, "Another run that writes its lines"):
            connection.execute("select pg_advisory_xact_lock(hashtext('passback.line'))")
        count = lines.write(connection, run_key, run["as_of"])
        database.run(connection, "status_project", run_key=run_key)
        database.run(connection, "reconcile_finish", run_key=run_key, balanced=drawn_up.balanced)
        connection.commit()
        drawn_up = books.read(connection, run_key)
        reasons = verdict.of_run(connection, run_key)
        target = folder.report_folder(reports, run["dag_id"], run["as_of"], run["run_id"])
        with folder.writing(target) as draft:
            files.write(connection, drawn_up, reasons, draft)
    staged = {f"{level}s": drawn_up.staged(level) for level in ("item", "score")}
    return {"folder": str(target), "balanced": drawn_up.balanced, "lines": count, **staged, "red": reasons}


@contextmanager
def _turn(connection: Connection, whom: str) -> Iterator[None]:
    """A lock that is waited for `TURN_SECONDS` at most; raises Transient that says for whom."""
    connection.execute("select set_config('lock_timeout', %s, false)", [f"{TURN_SECONDS}s"])
    try:
        yield
    except psycopg.errors.LockNotAvailable:
        raise Transient(
            f"{whom} has been at it for over {TURN_SECONDS} s: wait or end it, then clear this task."
        ) from None
    connection.execute("select set_config('lock_timeout', '0', false)")
