"""Schoology's content in memory: sections with their records as JSON bytes, and the clock that stamps edits."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec

from sandbox.district import SCHOOLOGY_COLLECTIONS, District, SchoologySection


class _Head(msgspec.Struct):
    """The fields of a record that the server itself needs, of whatever type they are."""

    id: Any = None
    assignment_id: Any = None
    enrollment_id: Any = None
    timestamp: Any = None


_decode_head = msgspec.json.Decoder(_Head).decode


def grade_key(item_id: str, enrollment_id: str) -> str:
    """Give the key of a grade: Schoology has one per item and enrolment."""
    return f"{item_id}:{enrollment_id}"


class Collection:
    """One collection of a section; a record keeps its place when it changes, and new ones are appended."""

    def __init__(self, name: str, records: Iterable[bytes]) -> None:
        """Hold a collection; keys and times are read only when somebody asks for them."""
        self._by_grade = name == "grades"
        self.records = list(records)
        self._touched: list[int] | None = None
        self._places: dict[str, int] | None = None

    def _indexed(self) -> tuple[list[int], dict[str, int]]:
        """Give each record's change time, and the place of each key."""
        if self._touched is None or self._places is None:
            heads = [self._head(record) for record in self.records]
            self._places = {key: place for place, (key, _) in enumerate(heads) if key is not None}
            if self._touched is None:
                self._touched = [at for _, at in heads]
        return self._touched, self._places

    def _head(self, record: bytes) -> tuple[str | None, int]:
        """Give a record's key and its change time; a broken one has no key, or counts as of 1970 until it is edited."""
        try:
            head = _decode_head(record)
        except msgspec.DecodeError:
            return None, 0
        at = int(head.timestamp) if str(head.timestamp).isdecimal() else 0
        if self._by_grade:
            return grade_key(str(head.assignment_id), str(head.enrollment_id)), at
        return None if head.id is None else str(head.id), at

    def __contains__(self, key: str) -> bool:
        """Say whether there is a record with this key."""
        return key in self._indexed()[1]

    def get(self, key: str) -> dict[str, Any]:
        """Give one record by key; `KeyError` where there is none."""
        return dict(msgspec.json.decode(self.records[self._indexed()[1][key]]))

    def put(self, record: bytes, at: int | None = None, place: int | None = None) -> None:
        """Put a record in its place, or at `place` (default: the end) where it is new.

        `at` is its change time; without one it is the record's own.
        """
        key, own = self._head(record)
        touched, places = self._indexed()
        at = own if at is None else at
        held = None if key is None else places.get(key)
        if held is not None:
            self.records[held], touched[held] = record, at
        elif place is not None:
            self.records.insert(place, record)
            touched.insert(place, at)
            self._places = {each: old + (old >= place) for each, old in places.items()}
            if key is not None:
                self._places[key] = place
        else:
            if key is not None:
                places[key] = len(self.records)
            self.records.append(record)
            touched.append(at)

    def remove(self, key: str) -> None:
        """Take a record out without a trace; `KeyError` where there is none."""
        touched, places = self._indexed()
        place = places[key]
        del self.records[place], touched[place]
        self._places = None

    def replace(self, key: str, record: bytes, at: int) -> None:
        """Put a record in the place of another, whatever has become of its key."""
        touched, places = self._indexed()
        self.records[places[key]], touched[places[key]] = record, at
        self._places = None

    def remove_all(self, wrong: Callable[[bytes], bool]) -> None:
        """Take out every record of which something is true."""
        touched, _ = self._indexed()
        kept = [(record, at) for record, at in zip(self.records, touched, strict=True) if not wrong(record)]
        self.records, self._touched = [record for record, _ in kept], [at for _, at in kept]
        self._places = None

    def since(self, at: int | None) -> list[bytes]:
        """Give all records, or those that changed at or after a time."""
        if at is None:
            return self.records
        return [record for record, touched in zip(self.records, self._indexed()[0], strict=True) if touched >= at]


class Section:
    """One section and its collections."""

    def __init__(self, section: SchoologySection) -> None:
        """Hold a section; the district's own lists stay as they are."""
        bare: dict[str, list[bytes]] = {name: [] for name in SCHOOLOGY_COLLECTIONS}
        self.row = msgspec.structs.replace(section, **bare)
        self.collections = {name: Collection(name, getattr(section, name)) for name in SCHOOLOGY_COLLECTIONS}

    def record(self) -> bytes:
        """Write the section as the wire carries it."""
        row = self.row
        return msgspec.json.encode(
            {
                "id": row.id,
                "course_title": row.course_title,
                "section_title": row.section_title,
                "section_school_code": row.section_school_code,
                "active": int(row.active),
                "grading_periods": row.grading_periods,
            }
        )


class Content:
    """All sections of one Schoology, by id and by school code, and its clock."""

    def __init__(self, district: District) -> None:
        """Hold a district's sections; the clock is the real one until it is set."""
        self.sections = {section.id: Section(section) for section in district.schoology}
        self._by_code: dict[str, list[Section]] | None = None
        self._fixed: int | None = None
        self._ahead = 0

    def by_code(self, code: str) -> list[Section]:
        """Give the sections with a school code: none, one, or several that share it."""
        if self._by_code is None:
            self._by_code = {}
            for section in self.sections.values():
                self._by_code.setdefault(section.row.section_school_code, []).append(section)
        return self._by_code.get(code, []) if code else []

    def codes_changed(self) -> None:
        """Forget the index of school codes."""
        self._by_code = None

    def find(self, name: str) -> Section:
        """Find a section by its id, else by a school code that only it has; `KeyError` says what is wrong."""
        if name in self.sections:
            return self.sections[name]
        found = self.by_code(name)
        if len(found) != 1:
            raise KeyError(f"{len(found)} sections have the id or school code {name!r}")
        return found[0]

    def now(self) -> int:
        """Give the server's time in whole seconds since 1970."""
        return (int(time.time()) if self._fixed is None else self._fixed) + self._ahead

    def set_clock(self, at: int | None) -> None:
        """Stop the clock at a time, or (none) let it run with the real one."""
        self._fixed, self._ahead = at, 0

    def advance(self, seconds: int) -> None:
        """Put the clock forward."""
        self._ahead += seconds

    def date_header(self) -> str:
        """Write the server's time as HTTP does."""
        return format_datetime(datetime.fromtimestamp(self.now(), UTC), usegmt=True)
