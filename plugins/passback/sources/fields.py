"""One object of a source field by field: what is wrong with it, told by field, type and need, never by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from passback.sources.json_text import STAND_INS, UNREADABLE, mended

__all__ = ["REQUIRED", "UNREADABLE", "Bad", "Fault", "Field", "Reader", "examined", "parts", "type_of"]

REQUIRED: Any = object()

_TYPES = {'"': "text", "{": "object", "[": "list", "t": "boolean", "f": "boolean", "n": "null"}
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])

Reader = Callable[[msgspec.Raw], Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that breaks the contract; `field` is empty where the whole object does."""

    field: str
    found_type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Field:
    """How a field is read, what it needs in words, and its value where it is missing (`REQUIRED`: it may not be)."""

    read: Reader
    needs: str
    default: Any = REQUIRED


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that breaks the contract; `source_id` is empty where it has none that can be read."""

    place: str
    source_id: str
    faults: tuple[Fault, ...]

    @property
    def reason(self) -> str:
        """What is wrong, all of it, in one line without a full stop."""
        return "; ".join(fault.reason for fault in self.faults)


def parts(raw: msgspec.Raw | bytes) -> Mapping[str, msgspec.Raw] | Fault:
    """The object's values by key, undecoded, stand-ins for what is no JSON; a Fault where it is no object."""
    try:
        return _object.decode(raw)
    except msgspec.ValidationError:
        pass
    except UNREADABLE:
        again = mended(bytes(raw))
        if again is not None and again != bytes(raw):
            return parts(again)
    return _no_object(raw)


def _no_object(raw: msgspec.Raw | bytes) -> Fault:
    try:
        found = type_of(msgspec.Raw(bytes(raw).strip()))
        msgspec.json.decode(raw)
    except UNREADABLE:
        return Fault("", "not JSON", "the record is not JSON")
    return Fault("", found, f"the record is no object but {_with_article(found)}")


def examined(fields: Mapping[str, Field], given: Mapping[str, msgspec.Raw]) -> tuple[dict[str, Any], list[Fault]]:
    """The values of the fields that are right, and what is wrong with the others."""
    values, faults = {}, []
    for name, field in fields.items():
        raw = given.get(name)
        if raw is None:
            if field.default is REQUIRED:
                faults.append(Fault(name, "missing", f"`{name}` is missing"))
            else:
                values[name] = field.default
            continue
        try:
            values[name] = field.read(raw)
        except (*UNREADABLE, ValueError, OverflowError):
            found = type_of(raw)
            reason = f"`{name}` must be {field.needs} ({_with_article(found)} was found)"
            if found == "text" and b"\\u0000" in bytes(raw):
                reason = f"`{name}` holds a NUL or half a character, which cannot be stored"
            faults.append(Fault(name, found, reason))
    return values, faults


def type_of(raw: msgspec.Raw) -> str:
    """The type of an undecoded JSON value in the contract's words."""
    given = bytes(raw)
    return STAND_INS.get(given) or _TYPES.get(chr(given[0]), "number") if given else "nothing"


def _with_article(found: str) -> str:
    return found if found in ("null", "nothing") else f"{'an' if found == 'object' else 'a'} {found}"
