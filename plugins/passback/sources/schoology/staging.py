"""What was read of a chunk of sections, brought into staging; and the places where the next extraction goes on."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from passback import database
from passback.database import Connection
from passback.sources.copying import QUARANTINE_COLUMNS, copy_lines, quarantine_lines
from passback.sources.schoology.contract import GRADES, SECTIONS, Collection
from passback.sources.schoology.listing import Listing

log = logging.getLogger(__name__)

_QUARANTINE = ("collection", "section_id", *QUARANTINE_COLUMNS)


@dataclass(slots=True)
class Place:
    """Where a section's next reading goes on; None leaves a part where it was."""

    section_id: str
    grades_since: dt.datetime | None = None
    items_read_at: dt.datetime | None = None
    swept_at: dt.datetime | None = None
    enrollments_read_at: dt.datetime | None = None
    categories_read_at: dt.datetime | None = None
    periods_read_at: dt.datetime | None = None


class Staging:
    """Merges listings under one extraction's number, in the transaction that its caller commits."""

    def __init__(self, connection: Connection, seq: int) -> None:
        """Makes the temporary tables."""
        self._connection = connection
        self._seq = seq
        self.changed = 0
        database.run(connection, "schoology_incoming")

    def merge_sections(self, listings: Iterable[Listing], codes: Iterable[str], *, everything: bool) -> None:
        """Brings the sections that were found into staging; `codes` were asked for in listings that came whole."""
        read = list(listings)
        lines = {key: line for each in read for key, line in each.held.lines.items()}
        copy_lines(self._connection, SECTIONS.table, SECTIONS.columns, lines.values())
        copy_lines(self._connection, "incoming_code", ("code",), (f"{code}\n" for code in codes))
        self._copy_bad(SECTIONS, read)
        self._merge(SECTIONS, everything=everything)
        self.clear()

    def merge(self, listings: Iterable[Listing]) -> None:
        """Brings what sections' listings brought into staging, items before grades."""
        by_collection: dict[str, list[Listing]] = {}
        for each in listings:
            by_collection.setdefault(each.collection.name, []).append(each)
        for name, read in sorted(by_collection.items(), key=lambda pair: pair[0] == GRADES.name):
            collection = read[0].collection
            lines = (line for each in read for line in each.held.lines.values())
            copy_lines(self._connection, collection.table, collection.columns, lines)
            copy_lines(
                self._connection, "incoming_listing", ("collection", "section_id", "whole"),
                (f"{name}\t{each.section_id}\t{each.whole}\n" for each in read),
            )  # fmt: skip
            self._copy_bad(collection, read)
            self._merge(collection, section_ids=[each.section_id for each in read])
        self.clear()

    def clear(self) -> None:
        """Empties the temporary tables."""
        database.run(self._connection, "schoology_round_clear")

    def move_places(self, places: Iterable[Place]) -> None:
        """Moves the places of sections, in the transaction of their rows."""
        columns = tuple(field.name for field in fields(Place))
        rows = ([getattr(place, name) for name in columns] for place in places)
        database.copy_in(self._connection, "incoming_place", columns, rows)
        database.run(self._connection, "schoology_places_move", seq=self._seq)

    def rows(self, name: str, **parameters: object) -> list[Mapping[str, Any]]:
        """The rows of a named query, as the chunk's transaction sees them."""
        return list(database.rows(self._connection, name, **parameters))

    def _copy_bad(self, collection: Collection, listings: Iterable[Listing]) -> None:
        lines = (
            line
            for each in listings
            for line in quarantine_lines(
                (collection.name, each.section_id), [*each.held.bad.values(), *each.held.keyless]
            )
        )
        copy_lines(self._connection, "incoming_quarantine", _QUARANTINE, lines)

    def _merge(self, collection: Collection, **parameters: object) -> None:
        changed = database.run(self._connection, f"schoology_{collection.name}_merge", seq=self._seq, **parameters)
        self.changed += changed
        log.debug("schoology %s: %s rows are new or changed", collection.name, f"{changed:,}")
