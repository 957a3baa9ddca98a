"""The lines: every item and score that did not simply pass, with its reason, and since when the reason stands."""

from __future__ import annotations

from datetime import date

from passback import database
from passback.database import Connection


def write(connection: Connection, run_key: int, as_of: date) -> int:
    """Writes the run's rows of passback.line anew from the temporary table `outcome` and returns how many they are.

    Since when a code stands is told by the lines of earlier nights. Runs that write their lines at one time wait for
    each other, so that «written after» has one meaning for all of them.
    """
    connection.execute("select pg_advisory_xact_lock(hashtext('passback.line'))")
    database.run(connection, "reconcile_new_lines", run_key=run_key)
    nights = database.rows(connection, "reconcile_nights", as_of=as_of)
    database.run(connection, "reconcile_standing", as_of=as_of)
    for night in nights:
        if not _step_back(connection, night["run_key"], night["as_of"], whole=night["whole"]):
            break
    days = [night["as_of"] for night in nights]
    database.run(connection, "reconcile_lines", run_key=run_key, as_of=as_of, nights=days)
    row = connection.execute("select count(*) from passback.line where run_key = %s", [run_key]).fetchone()
    return int(row[0]) if row else 0


def _step_back(connection: Connection, night_run_key: int, night: date, *, whole: bool) -> int:
    """Takes what is still open one night further back; returns how many keys stay open."""
    database.run(connection, "reconcile_night_back", night_run_key=night_run_key, night=night, whole=whole)
    return int(database.one(connection, "reconcile_nights_end", night=night)["open"])
