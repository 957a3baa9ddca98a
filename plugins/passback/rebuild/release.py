"""Releasing what is held as UNVERIFIED: a person has compared the values and says whose stay."""

from __future__ import annotations

import time
from typing import Any

from passback import database
from passback.errors import Terminal, Transient

COLUMNS = (
    "source", "source_item_id", "school_number", "section_dcid", "title", "assignment_id", "student_number", "level",
    "powerschool", "source_value",
)  # fmt: skip
ROWS_WAIT_SECONDS, ROWS_POLL_SECONDS = 60.0, 0.2
ACCEPTED = ("source", "powerschool")


def waiting(uri: str, sections: list[int] | None) -> list[dict[str, Any]]:
    """The changes that the last run of each item held as UNVERIFIED, in the order of COLUMNS."""
    with database.connect(uri) as connection:
        database.run(connection, "unverified_waiting", sections=sections)
        return database.rows(connection, "unverified_list")


def release(uri: str, accept: str, by: str, sections: list[int] | None) -> dict[str, int]:
    """Releases exactly those changes, of these sections (DCIDs) or of all; gives how many items and scores.

    `source`: the next run sends the source's values. `powerschool`: PowerSchool's stay until the source changes again.
    What no run has shown yet is not released. Who released what is kept.
    """
    if accept not in ACCEPTED:
        raise Terminal(f"A release accepts `source` or `powerschool`, not {accept!r}.")
    ends_at = time.monotonic() + ROWS_WAIT_SECONDS
    while (found := _accept(uri, accept, by, sections)) is None:
        if time.monotonic() > ends_at:
            raise Transient("A run has been writing to rows that wait for over 60 s: nothing was released. Try again.")
        time.sleep(ROWS_POLL_SECONDS)
    return {"items": int(found["items"]), "scores": int(found["scores"])}


def _accept(uri: str, accept: str, by: str, sections: list[int] | None) -> dict[str, Any] | None:
    """Releases what waits as it is shown now; None where a run is just writing to some of it: no circle of waits."""
    with database.connect(uri) as connection:
        database.run(connection, "unverified_waiting", sections=sections)
        if not database.one(connection, "unverified_free")["free"]:
            connection.rollback()
            return None
        return database.one(connection, f"unverified_accept_{accept}", by=by, sections=sections)
