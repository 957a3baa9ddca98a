"""Otus's content in memory: each record as its JSON bytes, with the time at which the server last touched it."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from sandbox.district import OTUS_COLLECTIONS, District

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Give a moment as whole milliseconds since 1970."""
    return int((moment - EPOCH).total_seconds() * 1000)


def stamp(at: int) -> str:
    """Write milliseconds since 1970 as the contract's time: ISO 8601 with zone."""
    seconds, rest = divmod(at, 1000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:03d}Z" if rest else f"{text}Z"


def parse_time(text: str) -> int:
    """Read an ISO 8601 time with a zone as milliseconds; `ValueError` for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return milliseconds(moment)


class _Head(msgspec.Struct):
    """The two fields of a record that the server itself needs."""

    id: str | None = None
    updated_at: str | None = None


_decode_head = msgspec.json.Decoder(_Head).decode


class Collection:
    """One collection; a record keeps its place when it changes, and new ones are appended."""

    def __init__(self, records: list[bytes]) -> None:
        """Hold a collection; the times are read only when somebody asks for what changed since."""
        self.records = list(records)
        self._touched: list[int] | None = None
        self._places: dict[str, int] | None = None

    @property
    def touched(self) -> list[int]:
        """Give each record's time in milliseconds; a broken record counts as of 1970 until it is edited."""
        if self._touched is None:
            self._index()
        return self._touched or []

    @property
    def places(self) -> dict[str, int]:
        """Give the place of each record that has an id."""
        if self._places is None:
            self._index()
        return self._places or {}

    def _index(self) -> None:
        self._touched, self._places = [], {}
        for place, record in enumerate(self.records):
            at, key = _head_of(record)
            self._touched.append(at)
            if key is not None:
                self._places[key] = place

    def get(self, key: str) -> dict[str, Any]:
        """Give one record by id; `KeyError` where there is none."""
        return dict(msgspec.json.decode(self.records[self.places[key]]))

    def put(self, key: str | None, record: bytes, at: int) -> None:
        """Put a record in its place, or at the end where its id is new or it has none."""
        touched, places = self.touched, self.places
        place = places.get(key) if key is not None else None
        if place is None:
            if key is not None:
                places[key] = len(self.records)
            self.records.append(record)
            touched.append(at)
            self._touched, self._places = touched, places
        else:
            self.records[place] = record
            touched[place] = at

    def remove(self, key: str) -> None:
        """Take a record out altogether: gone without a trace, as only a full export can tell."""
        del self.records[self.places[key]]
        self._touched = self._places = None

    def since(self, at: int | None, start: int, limit: int) -> tuple[list[bytes], int | None]:
        """Give up to `limit` records from a place on, touched at or after `at`, and the place to go on from."""
        if at is None:
            end = min(start + limit, len(self.records))
            return self.records[start:end], end if end < len(self.records) else None
        touched, place = self.touched, start
        found: list[bytes] = []
        while place < len(touched):
            if touched[place] >= at:
                if len(found) == limit:
                    return found, place
                found.append(self.records[place])
            place += 1
        return found, None

    def count(self, at: int | None) -> int:
        """Count the records touched at or after a time."""
        return len(self.records) if at is None else sum(each >= at for each in self.touched)


def _head_of(record: bytes) -> tuple[int, str | None]:
    try:
        head = _decode_head(record)
        return (parse_time(head.updated_at) if head.updated_at else 0), head.id
    except (msgspec.DecodeError, ValueError):
        return 0, _loose_id(record)


def _loose_id(record: bytes) -> str | None:
    """Find the id of a record that breaks the contract elsewhere."""
    try:
        value = msgspec.json.decode(record)
    except msgspec.DecodeError:
        return None
    key = value.get("id") if isinstance(value, dict) else None
    return key if isinstance(key, str) else None


class Content:
    """All collections of one Otus district, and the clock by which edits are stamped."""

    def __init__(self, district: District) -> None:
        """Hold a district's content; the clock is the real one until it is fixed."""
        self.collections = {name: Collection(district.otus.get(name, [])) for name in OTUS_COLLECTIONS}
        self.fixed_time: int | None = None

    def now(self) -> int:
        """Give the server's time in milliseconds."""
        return milliseconds(datetime.now(UTC)) if self.fixed_time is None else self.fixed_time
