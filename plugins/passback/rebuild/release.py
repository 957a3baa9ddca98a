"""Releasing what is held as UNVERIFIED: a person has compared the values and says whose stay."""

from __future__ import annotations

from typing import Any

from passback import database
from passback.errors import Terminal

COLUMNS = (
    "source", "source_item_id", "school_number", "section_dcid", "title", "assignment_id", "student_number", "level",
    "powerschool", "source_value",
)  # fmt: skip
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
    with database.connect(uri) as connection:
        database.run(connection, "unverified_waiting", sections=sections)
        found = database.one(connection, f"unverified_accept_{accept}", by=by, sections=sections)
    return {"items": int(found["items"]), "scores": int(found["scores"])}
