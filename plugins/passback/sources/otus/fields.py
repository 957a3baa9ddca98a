"""Otus's fields as its contract types them, each with the reader that tells whether a value is one of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, get_args, get_type_hints

import msgspec

from passback.sources.fields import Fault, Field, Reader, examined
from passback.sources.otus.contract import Record
from passback.sources.rounding import rounded_text

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_text = msgspec.json.Decoder(str)


def examine(record: type[Record], given: Mapping[str, msgspec.Raw]) -> tuple[dict[str, Any], list[Fault]]:
    """The values of the fields that are right, and what is wrong with the others."""
    return examined(_fields(record), given)


@cache
def _fields(record: type[Record]) -> dict[str, Field]:
    """The record's fields in the contract's order, each with its reader and what it needs, in words."""
    return {name: _field(hint) for name, hint in get_type_hints(record, include_extras=True).items()}


def _field(hint: Any) -> Field:
    extra = next(meta.extra for meta in get_args(hint)[1:] if meta.extra)
    own: dict[str, Reader] = {
        "number": _number,
        "points": partial(_number, to=rounded_text),
        "time": partial(_time, hint),
    }
    read = own.get(extra["kind"]) or msgspec.json.Decoder(hint).decode
    return Field(partial(_storable, read) if extra["stored"] else read, extra["needs"])


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
