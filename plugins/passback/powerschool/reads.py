"""Pure readings of what PowerSchool holds: rows of queries, listings of assignments, scores of one item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from passback.powerschool.answers import UnreadableError, decode_any
from passback.powerschool.shapes import (
    category,
    checked_assignment,
    checked_listing,
    checked_scores,
    having,
    several,
)

Row = dict[str, str]

LONGEST_URL = 1990
FLAGS = ("is_exempt", "is_missing", "is_incomplete")
SCORE_TABLE = "assignmentscore"
SCORE_COLUMNS = {
    "assignmentscoreid": "assignment_score_id",
    "assignmentsectionid": "assignment_section_id",
    "studentsdcid": "student_dcid",
    "scorepoints": "score_points",
    "actualscoreentered": "actual_score_entered",
    "isexempt": "is_exempt",
    "ismissing": "is_missing",
    "isincomplete": "is_incomplete",
}


class _Rows(msgspec.Struct):
    """`{"name":…,"record":[…]}` with every value a text: the usual case, read at full speed."""

    name: str
    record: list[Row] = []


_ROWS = msgspec.json.Decoder(_Rows)


def decode_rows(body: bytes) -> list[Row]:
    """The rows of a named query; nulls are left out, other values become texts; no `record` key: no rows.

    Raises UnreadableError or `msgspec.DecodeError` for any other shape: what could not be read must never look empty.
    """
    try:
        return _ROWS.decode(body).record
    except msgspec.ValidationError:
        document = decode_any(body)
    return [_as_texts(record) for record in _records(document)]


def decode_section_scores(body: bytes) -> list[Row]:
    """The rows of the query `section_scores`: what PowerSchool holds in one section, flags as `true` or `false`."""
    return with_flags(checked_scores(decode_rows(body), ("assignment_id", "assignment_section_id")))


def decode_scores(body: bytes) -> list[Row]:
    """The rows of the table `assignmentscore`, under the column names of the query `section_scores`."""
    rows = []
    for record in _records(decode_any(body)):
        tables = record.get("tables")
        table = tables.get(SCORE_TABLE) if isinstance(tables, dict) else None
        if not isinstance(table, dict):
            raise UnreadableError(f"a record without tables.{SCORE_TABLE}")
        texts = _as_texts(table)
        rows.append({ours: texts[theirs] for theirs, ours in SCORE_COLUMNS.items() if theirs in texts})
    return with_flags(checked_scores(rows, ("assignment_section_id", "student_dcid")))


def decode_metadata(body: bytes) -> dict[str, Any]:
    """What `/ws/v1/metadata` says, without its envelope."""
    return having(having(decode_any(body), "metadata")["metadata"])


def decode_assignment(body: bytes) -> dict[str, Any]:
    """One assignment with its sections."""
    return checked_assignment(decode_any(body))


def decode_assignments(body: bytes) -> list[dict[str, Any]]:
    """A listing: an array of assignments, each with its sections; a single object counts as an array of one."""
    return [checked_listing(part) for part in several(decode_any(body))]


def decode_categories(body: bytes) -> list[dict[str, Any]]:
    """An array of one teacher's categories; a single object counts as an array of one."""
    return [category(part) for part in several(decode_any(body))]


def with_flags(rows: list[Row]) -> list[Row]:
    """States the three flags of every score as `true` or `false` (wire: `true`, `1`, `false`, `0` or missing)."""
    for row in rows:
        for flag in FLAGS:
            row[flag] = "true" if row.get(flag, "").lower() in {"true", "1"} else "false"
    return rows


def merge_listings(listings: Iterable[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One list of assignments out of several listings: an assignment that is in two of them keeps all its sections."""
    merged: dict[Any, dict[str, Any]] = {}
    for assignment in (assignment for listing in listings for assignment in listing):
        known = merged.setdefault(assignment["assignmentid"], assignment)
        if known is not assignment:
            sections = known["_assignmentsections"]
            ids = {section["assignmentsectionid"] for section in sections}
            new = assignment["_assignmentsections"]
            sections.extend(section for section in new if section["assignmentsectionid"] not in ids)
    return list(merged.values())


def join_ids(ids: Sequence[int], room: int) -> Iterator[str]:
    """The ids joined by commas, in texts of at most `room` characters (a longer id stands alone)."""
    chunk = ""
    for text in map(str, ids):
        if chunk and len(chunk) + 1 + len(text) > room:
            yield chunk
            chunk = ""
        chunk = f"{chunk},{text}" if chunk else text
    if chunk:
        yield chunk


def _records(document: Any) -> list[dict[str, Any]]:
    return [having(record) for record in several(having(document, "name").get("record", []))]


def _as_texts(record: dict[str, Any]) -> Row:
    return {key: _text(value) for key, value in record.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
