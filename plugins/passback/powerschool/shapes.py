"""The types that PowerSchool's answers must have before anybody reckons with them: ids, numbers, days, texts.

What cannot be read is told by field and never by value, and is no answer: it must not look like an empty one.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any

from passback.powerschool.answers import UnreadableError

Row = dict[str, str]

LONGEST_ID = 18
_NUMERALS = frozenset("0123456789+-.eE")
_OWN_NUMBERS = ("scoreentrypoints", "totalpointvalue")
_OWN_TEXTS = ("name", "description")


def checked_scores(rows: list[Row], ids: tuple[str, ...]) -> list[Row]:
    """Rows of scores whose ids, points and days can be read; a row that came twice stands once.

    `ids`: the columns that every row must have. Raises UnreadableError.
    """
    for column in ids:
        _need_ids(column, (row.get(column, "") for row in rows))
    for column in ("student_dcid", "category_id"):
        _need_ids(column, (row[column] for row in rows if row.get(column)))
    for column in ("score_points", "total_points"):
        _need_numbers(column, [row[column] for row in rows if row.get(column)])
    for day in {row["due_date"] for row in rows if row.get("due_date")}:
        _need_day("due_date", day)
    return _once(rows)


def checked_listing(value: Any) -> dict[str, Any]:
    """An assignment of a listing: its ids as whole numbers, its sections as a list, their texts as texts or null.

    Its other fields may be a teacher's own affair. Raises UnreadableError.
    """
    assignment = having(value, "assignmentid", "_assignmentsections")
    assignment["assignmentid"] = whole_number("assignmentid", assignment["assignmentid"])
    assignment["_assignmentsections"] = several(assignment["_assignmentsections"])
    for section in assignment["_assignmentsections"]:
        for name in ("assignmentsectionid", "sectionsdcid"):
            section[name] = whole_number(name, having(section, name)[name])
        for name in _OWN_TEXTS:
            if not isinstance(section.get(name), str | None):
                raise UnreadableError(f"`{name}` is no text")
    return assignment


def checked_assignment(value: Any) -> dict[str, Any]:
    """One assignment as read, with everything that an update looks at. Raises UnreadableError."""
    assignment = checked_listing(value)
    for section in assignment["_assignmentsections"]:
        for name in _OWN_NUMBERS:
            _need_number(name, section.get(name))
        if section.get("duedate") is not None:
            _need_day("duedate", section["duedate"])
        associations = section.get("_assignmentcategoryassociations")
        if associations is not None:
            section["_assignmentcategoryassociations"] = [category(part) for part in several(associations)]
    return assignment


def category(value: Any) -> dict[str, Any]:
    """Anything with a `teachercategoryid`, as a whole number. Raises UnreadableError."""
    found = having(value, "teachercategoryid")
    found["teachercategoryid"] = whole_number("teachercategoryid", found["teachercategoryid"])
    return found


def whole_number(name: str, value: Any) -> int:
    """An id, on the wire a number or the text of one. Raises UnreadableError."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        raise UnreadableError(f"`{name}` is no whole number")
    _need_ids(name, [text])
    return int(text)


def several(value: Any) -> list[Any]:
    """A list; anything else counts as a list of one."""
    return value if isinstance(value, list) else [value]


def having(value: Any, *keys: str) -> dict[str, Any]:
    """An object with these keys. Raises UnreadableError."""
    if not isinstance(value, dict):
        raise UnreadableError(f"an object was expected, not {type(value).__name__}")
    if missing := [key for key in keys if key not in value]:
        raise UnreadableError(f"without `{'`, `'.join(missing)}`")
    return value


def _need_ids(column: str, texts: Iterable[str]) -> None:
    found = set(texts)
    whole = "".join(found)
    if found and not (whole.isascii() and whole.isdigit() and all(0 < len(text) <= LONGEST_ID for text in found)):
        raise UnreadableError(f"`{column}` is no whole number")


def _need_numbers(column: str, texts: list[str]) -> None:
    try:
        if _NUMERALS.issuperset("".join(texts)) and all(map(math.isfinite, map(float, texts))):
            return
    except ValueError:
        pass
    raise UnreadableError(f"`{column}` is no number")


def _need_number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | None):
        raise UnreadableError(f"`{name}` is no number")
    if value not in (None, ""):
        _need_numbers(name, [str(value)])


def _need_day(name: str, value: Any) -> None:
    try:
        dt.date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        raise UnreadableError(f"`{name}` is no date") from None


def _once(rows: list[Row]) -> list[Row]:
    keys = [(row["assignment_section_id"], row.get("student_dcid", "")) for row in rows]
    if len(set(keys)) == len(rows):
        return rows
    kept: dict[tuple[str, str], Row] = {}
    for key, row in zip(keys, rows, strict=True):
        if kept.setdefault(key, row) != row:
            raise UnreadableError("two rows of one score differ")
    return list(kept.values())
