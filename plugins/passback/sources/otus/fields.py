"""One Otus object field by field: what is wrong with it, told by field, type and need, never by value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, get_args, get_type_hints

import msgspec

from passback.sources.otus.contract import Record
from passback.sources.rounding import rounded_text

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_TYPES = {'"': "text", "{": "object", "[": "list", "t": "boolean", "f": "boolean", "n": "null"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(str)

Reader = Callable[[msgspec.Raw], Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that breaks the contract; `field` is empty where the whole object does."""

    field: str
    found_type: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Field:
    read: Reader
    needs: str


def parts(raw: msgspec.Raw | bytes) -> Mapping[str, msgspec.Raw] | Fault:
    """The object's values by key, undecoded; a Fault where it is no JSON object."""
    try:
        return _object.decode(raw)
    except UNREADABLE:
        try:
            found = type_of(msgspec.Raw(bytes(raw).strip()))
            msgspec.json.decode(raw)
        except UNREADABLE:
            return Fault("", "not JSON", "the record is not JSON")
        return Fault("", found, f"the record is no object but {_with_article(found)}")


def examine(record: type[Record], given: Mapping[str, msgspec.Raw]) -> tuple[dict[str, Any], list[Fault]]:
    """The values of the fields that are right, and what is wrong with the others."""
    values, faults = {}, []
    for name, field in _fields(record).items():
        raw = given.get(name)
        if raw is None:
            faults.append(Fault(name, "missing", f"`{name}` is missing"))
            continue
        try:
            values[name] = field.read(raw)
        except (*UNREADABLE, ValueError, OverflowError):
            found = type_of(raw)
            reason = f"`{name}` must be {field.needs} ({_with_article(found)} was found)"
            if found == "text" and b"\\u0000" in bytes(raw):
                reason = f"`{name}` holds a NUL character, which cannot be stored"
            faults.append(Fault(name, found, reason))
    return values, faults


def type_of(raw: msgspec.Raw) -> str:
    """The type of an undecoded JSON value in the contract's words."""
    return _TYPES.get(chr(bytes(raw)[:1][0]), "number") if bytes(raw) else "nothing"


def _with_article(found: str) -> str:
    return found if found in ("null", "nothing") else f"{'an' if found == 'object' else 'a'} {found}"


@cache
def _fields(record: type[Record]) -> dict[str, _Field]:
    """The record's fields in the contract's order, each with its reader and what it needs, in words."""
    return {name: _field(hint) for name, hint in get_type_hints(record, include_extras=True).items()}


def _field(hint: Any) -> _Field:
    extra = next(meta.extra for meta in get_args(hint)[1:] if meta.extra)
    own: dict[str, Reader] = {
        "number": _number,
        "points": partial(_number, to=rounded_text),
        "time": partial(_time, hint),
    }
    read = own.get(extra["kind"]) or msgspec.json.Decoder(hint).decode
    return _Field(partial(_storable, read) if extra["stored"] else read, extra["needs"])


def _storable(read: Reader, raw: msgspec.Raw) -> Any:
    """The value, unless a text of it holds NUL, which PostgreSQL cannot keep."""
    value = read(raw)
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and "\0" in text:
            raise ValueError("NUL")
    return value


def _number(raw: msgspec.Raw, to: Callable[[str], float] = float) -> float | None:
    """A JSON number of any size (infinite beyond all floats), or None for null."""
    text = bytes(raw).decode("ascii", "replace").strip()
    if text == "null":
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError("no number")
    return to(text)


def _time(hint: Any, raw: msgspec.Raw) -> dt.datetime | None:
    """A date and time with a zone in any form of ISO 8601 that Python reads and UTC can hold, or None for null."""
    if bytes(raw).strip() == b"null":
        return _null(hint).decode(raw)
    text = _text.decode(raw)
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None or len(text) <= len("YYYY-MM-DD"):
        raise ValueError("no time with a zone")
    moment.astimezone(dt.UTC)
    return moment


@cache
def _null(hint: Any) -> msgspec.json.Decoder[None]:
    """A decoder that takes null only where the field may be null."""
    return msgspec.json.Decoder(hint)
