"""What the contracts say of JSON, numbers, times and texts, written anew and without a line of the product.

A judgement is GOOD, BAD, or UNSURE where the contract leaves the form open (half a character in a field that is thrown
away, ISO 8601 in one of its rarer forms): then the record may be staged or quarantined, but never lost or changed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

LONGEST_ID = 255
SIX = Decimal("0.000001")
EXACT = Context(prec=2000, rounding=ROUND_HALF_EVEN, Emax=999_999, Emin=-999_999)
# Beyond it neighbouring floats lie further apart than the sixth decimal: there is nothing to round.
NO_DECIMALS = Decimal(10) ** 15


class Wrong(ValueError):
    """The value breaks the contract."""


class Open(ValueError):
    """The contract does not say whether the value is one."""


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number as it is written."""

    text: str


@dataclass(slots=True)
class Judged:
    """One record: `key` empty where it has none; what its fields say, and what is wrong or unsure."""

    key: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    unsure: bool = False

    @property
    def good(self) -> bool:
        """Whether it must be staged with its values."""
        return not self.wrong and not self.unsure


Check = Callable[[Any], Any]
MISSING = object()


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s\[\]{},:"]+', re.DOTALL)
_PAIR = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..")
_HALF = re.compile(r"\\u[dD][89a-fA-F]..")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"')
_NAMED = re.compile(rb'"id":"([^"\\\\]*)"')
_DEEP = re.compile(rb'(?:\[|\{"a":){50}')
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def loads(raw: bytes) -> tuple[Any, bool]:
    """The JSON value, and whether it is one beyond doubt; raises Wrong where there is none.

    Bytes that are no UTF-8, strings that JSON does not allow, and words that are neither number nor literal (NaN, 01,
    .5) become halves of characters: a reader that steps over a field need not look at what is in it.
    """
    text = _TOKEN.sub(_word, raw.decode("utf-8", "surrogateescape"))
    try:
        value = json.loads(text, parse_float=Number, parse_int=Number)
    except (ValueError, RecursionError):
        raise Wrong("not JSON") from None
    return value, not (_HALF.search(_PAIR.sub("", text)) or has_halves(text))


def tears_nothing(raw: bytes) -> bool:
    """Whether a page with the record in it is still a page: words outside of texts are such as JSON writers write."""
    try:
        text = raw.decode("utf-8")
        loads(raw)
    except (Wrong, UnicodeDecodeError):
        return False
    known = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
    return bool(text.strip()) and all(
        word.startswith('"') or word in known or _NUMBER.fullmatch(word) for word in _TOKEN.findall(text)
    )


def _word(found: re.Match[str]) -> str:
    word = found[0]
    if word.startswith('"'):
        known = bool(_STRING.fullmatch(word))
    else:
        known = word in ("true", "false", "null") or bool(_NUMBER.fullmatch(word))
    return word if known else '"\\ud800"'


def has_halves(text: str) -> bool:
    """Whether half a character stands in a text."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def judged(raw: bytes, checks: Mapping[str, Check], defaults: Mapping[str, Any], key: str = "id") -> Judged:
    """One record judged field by field; `defaults` are of fields that may be missing."""
    found = Judged()
    try:
        value, is_sure = loads(raw)
    except Wrong:
        found.wrong.add("")
        named = _NAMED.search(raw)
        if named and _DEEP.search(raw):
            # A reader that stops at a depth does not see that the text is torn further down: then it has an id.
            found.key, found.unsure = named[1].decode("utf-8", "replace"), True
        return found
    if not isinstance(value, dict):
        found.wrong.add("")
        return found
    found.unsure = not is_sure
    for name, check in checks.items():
        try:
            given = value.get(name, MISSING)
            found.values[name] = defaults[name] if given is MISSING and name in defaults else check(given)
        except Open:
            found.unsure = True
        except Wrong:
            found.wrong.add(name)
    found.key = found.values.get(key) or ""
    return found


# Scores and totals


def exact(text: str) -> Decimal:
    """The number that a text writes, exactly; beyond all floats it is infinite, below them zero."""
    sign, digits, exponent = re.fullmatch(r"([+-]?)([0-9.]+)(?:[eE]([+-]?[0-9]+))?", text).groups()  # type: ignore[union-attr]
    size = int(exponent or 0) + len(digits.partition(".")[0])
    if abs(size) > 5_000 and digits.strip("0."):
        return Decimal("Infinity" if size > 0 else 0).copy_sign(Decimal(f"{sign}1"))
    return EXACT.create_decimal(f"{sign}{digits}e{exponent or 0}" if digits.strip("0.") else 0)


def six_decimals(number: Decimal) -> float:
    """Rounded half-even to six decimals, on the decimal digits; as the nearest float, and never a negative zero."""
    if number.is_finite() and abs(number) < NO_DECIMALS:
        number = EXACT.quantize(number, SIX)
    return as_float(number)


def as_float(number: Decimal) -> float:
    """The nearest float, infinite beyond all of them, and never a negative zero."""
    try:
        return float(number) + 0.0
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


# Kinds of values


def text(value: Any) -> str:
    """A text that a database can hold."""
    if not isinstance(value, str) or "\0" in value:
        raise Wrong("text")
    if has_halves(value):
        raise Wrong("half a character")
    return value


def short(value: Any) -> str:
    """A text of at most 255 characters."""
    if len(text(value)) > LONGEST_ID:
        raise Wrong("long")
    return str(value)


def ident(value: Any) -> str:
    """A text of 1 to 255 characters."""
    if not short(value):
        raise Wrong("empty")
    return str(value)


def or_null(check: Check) -> Check:
    """The same, or null."""
    return lambda value: None if value is None else check(value)


def one_of(*words: str) -> Check:
    """One of these words."""

    def check(value: Any) -> str:
        if value not in words or not isinstance(value, str):
            raise Wrong("word")
        return value

    return check


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Wrong("boolean")
    return value


def number(value: Any) -> Decimal:
    """A JSON number."""
    if not isinstance(value, Number):
        raise Wrong("number")
    return exact(value.text)


def listed(check: Check) -> Check:
    """A list of them."""

    def checked(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Wrong("list")
        return [check(each) for each in value]

    return checked


def canonical(value: str) -> str:
    """An id as it is compared: digits as a number."""
    return (value.lstrip("0") or "0") if re.fullmatch("[0-9]+", value) else value


def day(value: Any) -> dt.date:
    """A date YYYY-MM-DD of the calendar."""
    if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise Wrong("day")
    try:
        return dt.date(int(value[:4]), int(value[5:7]), int(value[8:]))
    except ValueError:
        raise Wrong("no such day") from None


_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(Z|([+-])([0-9]{2}):([0-9]{2}))"
)


def moment(value: Any) -> dt.datetime:
    """A date and time with a zone, in UTC; rarer forms of ISO 8601, leap seconds and 24:00 are Open."""
    if not isinstance(value, str):
        raise Wrong("moment")
    found = _MOMENT.fullmatch(value)
    if not found:
        if re.search(r"[0-9][Tt ][0-9]", value) and re.search(r"([zZ]|[+-][0-9:]{2,})$", value):
            raise Open("another form")
        raise Wrong("no moment with a zone")
    hour, minute, second = (int(found[n]) for n in (2, 3, 4))
    if second == 60 or hour == 24 or len(found[5] or "") > len(".123456"):
        raise Open("leap second, the end of a day, or finer than a microsecond")
    away = dt.timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0)) * (-1 if found[7] == "-" else 1)
    try:
        at = dt.datetime.combine(day(found[1]), dt.time(hour, minute, second, int(f"{found[5] or '.0'}000000"[1:7])))
        if abs(away) >= dt.timedelta(days=1) or int(found[9] or 0) > 59:
            raise Wrong("no such zone")
        return (at - away).replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        raise Wrong("no such moment") from None
