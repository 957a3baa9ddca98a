"""Schoology's values at the edge: ids are numbers or texts, numbers come as texts; what fits nothing is a ValueError.

A reader takes a JSON value as Python has it. Where a number is too large for that, or only its digits tell how it is
rounded, it is given as the text of the number.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

import msgspec

from passback.settings.kinds import canonical_id
from passback.sources.rounding import rounded, rounded_text

# PostgreSQL cannot index a longer text; nothing that names a thing is that long.
LONGEST_ID = 255
LARGEST_INTEGER = 2**31 - 1
LARGEST_BIGINT = 2**63 - 1

_TOO_LONG = 10 ** (LONGEST_ID - 1)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_DAY = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"([ T]([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_FLAGS = {0: False, 1: True, "0": False, "1": True}


def text(value: Any) -> str:
    """A text that can be stored."""
    if type(value) is not str or "\0" in value:
        raise ValueError("no text")
    return value


def ident(value: Any) -> str:
    """An id as a text, in the form in which ids are compared."""
    found = maybe_ident(value)
    if not found:
        raise ValueError("no id")
    return found


def maybe_ident(value: Any) -> str:
    """An id as a text; empty where there is none."""
    if type(value) is int and abs(value) < _TOO_LONG:
        return str(value)
    if type(value) is not str or len(value) > LONGEST_ID or "\0" in value:
        raise ValueError("no id")
    return canonical_id(value) if value.startswith("0") else value


def maybe_other(value: Any) -> str | None:
    """An id, or None where there is none."""
    return maybe_ident(value) or None


def student_number(value: Any) -> str | None:
    """A student number, or None where it is empty or null."""
    return None if value is None else maybe_ident(value) or None


def idents(value: Any) -> list[str]:
    """A list of ids."""
    if type(value) is not list:
        raise ValueError("no list")
    return [ident(each) for each in value]


def assignees(value: Any) -> list[str] | None:
    """The enrolments that an item is given to, from a list or from the text of one; None where it is for everyone."""
    if type(value) is str:
        value = msgspec.json.decode(value) if value.strip() else []
    return idents(value) or None


def flag(value: Any) -> bool:
    """0 or 1, as a number or as a text."""
    if type(value) not in (int, str) or value not in _FLAGS:
        raise ValueError("neither 0 nor 1")
    return _FLAGS[value]


def whole(value: Any) -> int:
    """A whole number or its text; beyond an integer column it is the largest: no exception code is that high."""
    if type(value) is str and _WHOLE.fullmatch(value):
        value = int(value)
    if type(value) is not int:
        raise ValueError("no whole number")
    return max(-LARGEST_INTEGER, min(value, LARGEST_INTEGER))


def moment(value: Any) -> int | None:
    """A UNIX time in whole seconds, as a number or as a text; None where there is none."""
    if value is None or value == "":
        return None
    if type(value) is str and _WHOLE.fullmatch(value):
        value = int(value)
    if type(value) is not int or abs(value) > LARGEST_BIGINT:
        raise ValueError("no UNIX time")
    return value


def day(value: Any) -> str | None:
    """The date of a time without a zone, before any conversion; None where the text is empty."""
    if type(value) is not str:
        raise ValueError("no text")
    if not value.strip():
        return None
    found = _DAY.fullmatch(value.strip())
    if not found:
        raise ValueError("no date and time")
    return dt.date.fromisoformat(found[1]).isoformat()


def total(value: Any) -> float | None:
    """A number or the text of one; None where it is empty or no finite number."""
    if value is None:
        return None
    if type(value) is str:
        value = float(value) if _NUMBER.fullmatch(value.strip()) else math.nan
    elif type(value) not in (int, float):
        raise ValueError("no number")
    return float(value) if math.isfinite(value) else None


def points(value: Any) -> tuple[float | None, bool]:
    """A score to six decimals, or None; and whether there is something that is no finite number."""
    if value is None:
        return None, False
    if type(value) is str:
        digits = value.strip()
        if not digits:
            return None, False
        found = rounded_text(digits) if _NUMBER.fullmatch(digits) else math.nan
    elif type(value) in (int, float):
        found = rounded(float(value))
    else:
        raise ValueError("no number")
    return (found, False) if math.isfinite(found) else (None, True)
