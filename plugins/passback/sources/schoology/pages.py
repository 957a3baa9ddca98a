"""One page of a Schoology listing: its records as rows of COPY by key, what is bad among them, and what is next."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from passback.sources.fields import REQUIRED, UNREADABLE, Bad, Fault, examined, parts
from passback.sources.rounding import NeedsTextError
from passback.sources.schoology.contract import Collection
from passback.sources.schoology.values import LARGEST_BIGINT

LONGEST_COUNT = 18

_NUL = b"\\u0000"
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_objects = msgspec.json.Decoder(list[msgspec.Raw])
_total = msgspec.json.Decoder(int | str | None)
_links = msgspec.json.Decoder(dict[str, Any] | list[Any] | None)


class PageError(Exception):
    """The answer is JSON and no page of the collection; the text says what is missing, without any value."""


@dataclass(slots=True)
class Page:
    """What one page held: lines by key (of a key that comes twice, the newest), bad records, how many and what is next.

    `newest`: the `timestamp` of each grade, for a key that comes again on another page.
    """

    lines: dict[str, str] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    bad: dict[str, Bad] = field(default_factory=dict)
    keyless: list[Bad] = field(default_factory=list)
    total: int | None = None
    next: str | None = None

    def put(self, key: str, line: str, at: int, bad: Bad | None = None) -> None:
        """Takes a version in, unless a newer one of its key is there."""
        if at >= self.newest.get(key, at):
            self.lines[key], self.newest[key] = line, at
            if bad is not None:
                self.bad[key] = bad
            else:
                self.bad.pop(key, None)

    def keep(self, keys: set[str]) -> None:
        """Forgets the records with other keys."""
        for key in self.lines.keys() - keys:
            del self.lines[key], self.newest[key]
            self.bad.pop(key, None)


def page_of(collection: Collection, section_id: str, body: bytes, place: str) -> Page:
    """The page that a body holds; raises PageError. `place` is where a person finds it: `…, record 7` is added."""
    try:
        outer = _object.decode(body)
        listed = _listed(collection, outer)
        page = Page(total=_count(outer.get("total")), next=_next(outer.get("links")))
        if not _typed(collection, section_id, listed, page):
            _one_by_one(collection, section_id, listed, page, place)
    except (*UNREADABLE, ValueError) as error:
        raise PageError(str(error)[:200]) from None
    return page


def _listed(collection: Collection, outer: dict[str, msgspec.Raw]) -> bytes:
    """The list of records, undecoded. An empty object is `[]` where PHP wrote it."""
    found = outer.get(collection.inside[0])
    for name in collection.inside[1:]:
        if found is not None and bytes(found).strip() != b"[]":
            found = _object.decode(found).get(name)
    if found is None:
        raise PageError(f"it has no `{'.'.join(collection.inside)}`")
    return bytes(found)


def _count(raw: msgspec.Raw | None) -> int | None:
    given = None if raw is None else _total.decode(raw)
    if isinstance(given, str):
        return int(given) if given.isdecimal() and len(given) <= LONGEST_COUNT else None
    if given is not None and abs(given) > LARGEST_BIGINT:
        raise PageError("its `total` is no number of records")
    return given


def _next(raw: msgspec.Raw | None) -> str | None:
    links = None if raw is None else _links.decode(raw)
    found = links.get("next") if isinstance(links, dict) else None
    if found is not None and not isinstance(found, str):
        raise PageError("its `links.next` is no text")
    return found or None


@cache
def _records(collection_record: type[msgspec.Struct]) -> msgspec.json.Decoder[list[Any]]:
    return msgspec.json.Decoder(list[collection_record])  # type: ignore[valid-type]


def _typed(collection: Collection, section_id: str, listed: bytes, page: Page) -> bool:
    """Takes in all records at once where every one keeps the contract; False, and nothing taken, where one may not."""
    if _NUL in listed:
        return False
    try:
        found = [_values(collection, record) for record in _records(collection.record).decode(listed)]
    except (*UNREADABLE, ValueError, OverflowError, NeedsTextError):
        return False
    for values in found:
        key = collection.key(section_id, values)
        page.put(key, collection.row(key, section_id, values, None), values.get("timestamp") or 0)
    return True


def _values(collection: Collection, record: msgspec.Struct) -> dict[str, Any]:
    values = {}
    for name, read, default in collection.kept:
        given = getattr(record, name)
        if given is not msgspec.UNSET:
            values[name] = read(given)
        elif default is REQUIRED:
            raise ValueError(name)
        else:
            values[name] = default
    return values


def _one_by_one(collection: Collection, section_id: str, listed: bytes, page: Page, place: str) -> None:
    for number, raw in enumerate(_objects.decode(listed), start=1):
        given = parts(raw)
        values, faults = ({}, [given]) if isinstance(given, Fault) else examined(collection.fields, given)
        where = f"{place}, record {number}"
        try:
            key = collection.key(section_id, values)
        except KeyError:
            page.keyless.append(Bad(where, "", tuple(faults)))
            continue
        bad = Bad(where, key, tuple(faults)) if faults else None
        line = collection.row(key, section_id, values, bad.reason if bad else None)
        # A bad version whose own time cannot be read counts as the newest: it must not be hidden by an older one.
        hidden = any(fault.field == "timestamp" for fault in faults)
        page.put(key, line, LARGEST_BIGINT if hidden else values.get("timestamp") or 0, bad)
