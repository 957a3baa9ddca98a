"""What must become of Schoology's records, by its contract and the rules for scores: from bytes to expectations."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fuzz import oracle as by
from fuzz.oracle import Check, Number, Open, Wrong

LARGEST = 2**31 - 1
BIGINT = 2**63 - 1
_WHOLE = re.compile("-?[0-9]+")
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_ALMOST = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def _int(value: Number) -> int:
    if not _WHOLE.fullmatch(value.text):
        raise Wrong("no whole number")
    if len(value.text) > 18:
        raise Open("of more digits than a number of 64 bits has for sure")
    return int(value.text)


def maybe_id(value: Any) -> str:
    """An id as number or text, empty where there is none."""
    if isinstance(value, Number):
        return str(_int(value))
    return by.canonical(by.short(value))


def some_id(value: Any) -> str:
    """An id."""
    if not (found := maybe_id(value)):
        raise Wrong("empty")
    return found


def flag(value: Any) -> bool:
    """0 or 1, as number or text."""
    if isinstance(value, Number):
        if value.text not in ("0", "1", "-0"):
            raise Wrong("flag")
        return value.text == "1"
    return bool(by.one_of("0", "1")(value) == "1")


def due(value: Any) -> dt.date | None:
    """The date of a local time, or nothing for an empty text."""
    given = by.text(value)
    if not given:
        return None
    if re.fullmatch("[0-9-]{10} ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]", given):
        return by.day(given[:10])
    if not given.strip() or re.match(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
        raise Open("a form that the contract does not name")
    raise Wrong("no day")


def points(value: Any) -> tuple[Decimal | None, bool]:
    """A number or the text of one, and whether there is something else in its place."""
    if value is None or value == "":
        return None, False
    if isinstance(value, Number):
        found = by.exact(value.text)
    elif isinstance(value, str):
        if _PLAIN.fullmatch(value):
            found = by.exact(value)
        elif _ALMOST.fullmatch(value.strip()) or not value.strip():
            raise Open("nearly a number")
        else:
            return None, True
    else:
        raise Wrong("no number")
    return (found, False) if math.isfinite(by.as_float(found)) else (None, True)


def exception(value: Any) -> int:
    """A whole number or its text."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value):
        if len(value) > 18:
            raise Open("long")
        found = int(value)
    elif isinstance(value, Number):
        found = _int(value)
    else:
        raise Wrong("no whole number")
    return max(-LARGEST, min(found, LARGEST))


def stamp(value: Any) -> int | None:
    """A UNIX time."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value) and len(value) <= 18:
        return int(value)
    if not isinstance(value, Number):
        raise Open("digits") if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value) else Wrong("no time")
    return _int(value)


def assignees(value: Any) -> list[str]:
    """Enrolments from a list, or from the text of one; empty: everyone."""
    if isinstance(value, str):
        if not value.strip():
            return []
        try:
            value = json.loads(value, parse_float=Number, parse_int=Number)
        except (ValueError, RecursionError):
            raise Wrong("no list") from None
    return list(by.listed(some_id)(value))


ITEM: Mapping[str, Check] = {
    "id": some_id, "title": by.text, "due": due, "grading_scale": maybe_id, "grading_period": maybe_id,
    "grading_category": maybe_id, "max_points": points, "is_final": flag, "published": flag, "assignees": assignees,
    "type": by.text, "grade_item_id": maybe_id, "count_in_grade": flag, "collected_only": flag,
}  # fmt: skip
GRADE: Mapping[str, Check] = {
    "enrollment_id": some_id, "assignment_id": some_id, "grade": points, "exception": exception, "timestamp": stamp,
    "is_final": flag,
}  # fmt: skip
ENROLLMENT: Mapping[str, Check] = {
    "id": some_id, "school_uid": by.or_null(maybe_id), "admin": flag, "status": maybe_id,
}  # fmt: skip
CHECKS = {
    "items": ITEM, "grades": GRADE, "enrollments": ENROLLMENT, "categories": {"id": some_id, "title": by.text},
    "periods": {"id": some_id, "title": by.text, "start": due, "end": due},
}  # fmt: skip
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "items": {"type": "", "grade_item_id": "", "count_in_grade": True, "collected_only": False},
    "grades": {"timestamp": None, "is_final": False}, "enrollments": {}, "categories": {},
    "periods": {"start": None, "end": None},
}  # fmt: skip


def own_code(score: Mapping[str, Any]) -> str:
    """The code of a readable grade by its own values ('' where it passes); 1, 2 and 3 are flags."""
    number = score["exception"] or 0
    if number not in (0, 1, 2, 3):
        return "EXCEPTION_UNMAPPED"
    if number:
        return ""
    if score["grade"] is None and not score["grade_unreadable"]:
        return "NO_SCORE"
    return "SCORE_INVALID" if score["grade_unreadable"] or not 0 <= score["grade"] < 1e30 else ""
