"""What PowerSchool holds of ours in some sections: assignments by marker or by the ledger's ids, and scores. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from passback.delivery.listing import PLUGIN_NAME
from passback.delivery.scores import theirs_of
from passback.payloads import marker_words
from passback.powerschool.reads import Row
from passback.settings.district import SOURCES

ASSIGNMENT_COLUMNS = (
    "section_dcid", "assignment_id", "assignment_section_id", "by_us", "source", "source_item_id", "name", "due_on",
    "total", "category_id",
)  # fmt: skip
SCORE_COLUMNS = ("assignment_section_id", "student_dcid", "points", "flags")
# An assignment whose day somebody took away: no source says this one, so that the change waits.
NO_DAY = "0001-01-01"
# «Passback», the source, and the id: fewer words are no marker.
FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Holdings:
    """Rows for COPY: assignments in the order of ASSIGNMENT_COLUMNS, scores in that of SCORE_COLUMNS."""

    assignments: list[tuple[object, ...]]
    scores: list[tuple[int, int, float | None, int]]


def marked(description: str | None) -> tuple[str, str] | None:
    """Source and source_item_id of a description whose first line is our marker, compared whole; else None."""
    words = marker_words(description)
    if len(words) < FEWEST_WORDS or words[0] != "Passback" or words[1] not in SOURCES:
        return None
    return words[1], " ".join(words[2:])


def marked_sections(listing: Iterable[Mapping[str, Any]]) -> set[int]:
    """The sections of a listing in which an assignment has a marker."""
    return {
        int(entry["sectionsdcid"])
        for assignment in listing
        for entry in assignment["_assignmentsections"]
        if marked(entry.get("description"))
    }


def made_by(listing: Iterable[Mapping[str, Any]]) -> dict[int, bool]:
    """Whether our plugin made it, by assignmentid."""
    return {int(each["assignmentid"]): each.get("createdbyplugin") == PLUGIN_NAME for each in listing}


def holdings(
    rows: Mapping[int, list[Row]], made_by_us: Mapping[int, bool] | None, known: set[tuple[int, int]]
) -> Holdings:
    """Ours among the rows of the query `section_scores`, given by section.

    `made_by_us` is None where nothing could be listed: then everything with a marker counts as made by our plugin.
    `known`: the ledger's assignments as (section DCID, assignmentid); they are ours whatever their description says.
    """
    assignments: dict[int, tuple[object, ...]] = {}
    scores: list[tuple[int, int, float | None, int]] = []
    for section_dcid, found in rows.items():
        ours = []
        for row in found:
            marker = marked(row.get("description"))
            assignment_id = int(row["assignment_id"])
            if marker is None and (section_dcid, assignment_id) not in known:
                continue
            ours.append(row)
            by_us = True if made_by_us is None else made_by_us.get(assignment_id, False)
            assignments[int(row["assignment_section_id"])] = _assignment(section_dcid, row, by_us, marker)
        scores += theirs_of(ours)
    return Holdings(list(assignments.values()), scores)


def _assignment(section_dcid: int, row: Row, by_us: bool, marker: tuple[str, str] | None) -> tuple[object, ...]:
    source, source_item_id = marker or (None, None)
    due_on = date.fromisoformat((row.get("due_date") or NO_DAY)[:10])
    return (
        section_dcid, int(row["assignment_id"]), int(row["assignment_section_id"]), by_us, source, source_item_id,
        row.get("name", ""), due_on, float(row.get("total_points") or 0),
        int(row["category_id"]) if row.get("category_id") else None,
    )  # fmt: skip
