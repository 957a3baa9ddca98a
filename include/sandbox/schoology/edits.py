"""What happens in Schoology between two nights: teachers grade, publish, rename and delete; the server stamps grades.

A `section` is named by its id, or by a school code that only it has. Ids are texts or numbers.
"""

import random
from datetime import datetime
from typing import Any

import msgspec

from sandbox.district import SCHOOLOGY_COLLECTIONS, SchoologySection
from sandbox.schoology.content import Collection, Content, Section, grade_key

DEFAULTS = {"count_in_grade": 1, "collected_only": 0}
Id = str | int


class Edits:
    """Edits of Schoology's content; a changed grade gets the server's now as its `timestamp`, unless it is given."""

    def __init__(self, content: Content) -> None:
        """Edit one district's content."""
        self.content = content

    def _held(self, section: Id, collection: str) -> Collection:
        if collection not in SCHOOLOGY_COLLECTIONS:
            raise KeyError(f"no collection {collection!r}; one of {', '.join(SCHOOLOGY_COLLECTIONS)}")
        return self.content.find(str(section)).collections[collection]

    def read(self, section: Id, collection: str) -> list[Any]:
        """Give all records of a section's collection, as they are held."""
        return [msgspec.json.decode(record) for record in self._held(section, collection).records]

    def upsert(self, section: Id, collection: str, record: Any, place: int | None = None) -> None:
        """Put a whole record in, new (at `place`; default: the end) or in place of the one with its id.

        Anything is kept as it is sent; an item's `count_in_grade` and `collected_only` only where not the default.
        """
        at = self.content.now() if collection == "grades" else None
        if isinstance(record, dict):
            if collection == "items":
                record = _as_served(record)
            if collection == "grades" and "timestamp" not in record:
                record = {**record, "timestamp": at}
            at = None
        self._held(section, collection).put(msgspec.json.encode(record), at, place)

    def edit(self, section: Id, collection: str, id: Id, **changes: Any) -> dict[str, Any]:  # noqa: A002 - Schoology's
        """Change fields of one record; gives it as it is now. A grade's id is `<item id>:<enrolment id>`."""
        held = self._held(section, collection)
        record = {**held.get(str(id)), **changes}
        if collection == "items":
            record = _as_served(record)
        if collection == "grades" and "timestamp" not in changes:
            record["timestamp"] = self.content.now()
        at = int(record["timestamp"]) if str(record.get("timestamp")).isdecimal() else 0
        held.replace(str(id), msgspec.json.encode(record), at)
        return record

    def remove(self, section: Id, collection: str, id: Id) -> None:  # noqa: A002 - Schoology's word
        """Take one record out without a trace."""
        self._held(section, collection).remove(str(id))

    def remove_field(self, section: Id, collection: str, id: Id, field: str) -> None:  # noqa: A002 - Schoology's word
        """Break one record: a field is missing from now on; what is left of a grade counts as changed now."""
        held = self._held(section, collection)
        record = held.get(str(id))
        record.pop(field)
        held.replace(str(id), msgspec.json.encode(record), self.content.now())

    def edit_item(self, section: Id, id: Id, **changes: Any) -> dict[str, Any]:  # noqa: A002 - Schoology's word
        """Change fields of a grade item."""
        return self.edit(section, "items", id, **changes)

    def publish(self, section: Id, id: Id, published: bool = True) -> dict[str, Any]:  # noqa: A002 - Schoology's word
        """Publish a grade item, or take it back."""
        return self.edit(section, "items", id, published=int(published))

    def delete_item(self, section: Id, id: Id, keep_grades: bool = False) -> None:  # noqa: A002 - Schoology's word
        """Delete a grade item; its grades go with it unless they are kept."""
        self.remove(section, "items", id)
        if not keep_grades:
            self._held(section, "grades").remove_all(lambda record: _field(record, "assignment_id") == str(id))

    def grade(
        self,
        section: Id,
        item_id: Id,
        enrollment_id: Id,
        grade: float | str | None = None,
        exception: int = 0,
        **more: Any,
    ) -> dict[str, Any]:
        """Grade a student, anew or again; with an exception the grade is null. Gives the record as it is now."""
        held, key = self._held(section, "grades"), grade_key(str(item_id), str(enrollment_id))
        before = held.get(key) if key in held else self._new_grade(section, item_id, enrollment_id)
        value = None if exception else grade
        record = {**before, "grade": value, "exception": exception, "timestamp": self.content.now(), **more}
        held.put(msgspec.json.encode(record))
        return record

    def _new_grade(self, section: Id, item_id: Id, enrollment_id: Id) -> dict[str, Any]:
        items = self._held(section, "items")
        item = items.get(str(item_id)) if str(item_id) in items else {}
        return {
            "enrollment_id": enrollment_id,
            "assignment_id": item_id,
            "grade": None,
            "exception": 0,
            "max_points": item.get("max_points", "100"),
            "is_final": 0,
            "timestamp": 0,
            "comment": "",
            "type": item.get("type", "assignment"),
        }

    def empty_grade(self, section: Id, item_id: Id, enrollment_id: Id) -> None:
        """Empty a grade as Schoology does: null, with its old timestamp, so that no delta shows it."""
        held = self._held(section, "grades")
        record = held.get(grade_key(str(item_id), str(enrollment_id)))
        held.put(msgspec.json.encode({**record, "grade": None, "exception": 0}))

    def vanish_grade(self, section: Id, item_id: Id, enrollment_id: Id) -> None:
        """Take a grade out without a trace: only a full list tells."""
        self.remove(section, "grades", grade_key(str(item_id), str(enrollment_id)))

    def change_grades(self, share: float, seed: int = 1, by: float = -0.5) -> int:
        """Change a share of all numeric grades (never below 0), stamped now; gives how many."""
        numeric = [
            (section, place, record)
            for section in self.content.sections.values()
            for place, record in enumerate(section.collections["grades"].records)
            if _is_numeric(record)
        ]
        chosen = random.Random(seed).sample(numeric, round(len(numeric) * share))
        at = self.content.now()
        for section, _, held in chosen:
            record = msgspec.json.decode(held)
            value = float(record["grade"])
            changed = value + by if value + by >= 0 else value + abs(by)
            record["grade"] = f"{changed:g}" if isinstance(record["grade"], str) else changed
            section.collections["grades"].put(msgspec.json.encode({**record, "timestamp": at}))
        return len(chosen)

    def add_section(self, **section: Any) -> str:
        """Add a section: id, section_school_code, course_title, section_title, active, grading_periods, and records."""
        records = {
            name: [msgspec.json.encode(each) for each in section.pop(name, [])] for name in SCHOOLOGY_COLLECTIONS
        }
        row = msgspec.structs.replace(msgspec.convert(section, SchoologySection), **records)
        self.content.sections[row.id] = Section(row)
        self.content.codes_changed()
        return row.id

    def edit_section(self, section: Id, **changes: Any) -> dict[str, Any]:
        """Change a section: section_school_code (empty: it has lost its code), active, titles, grading_periods."""
        held = self.content.find(str(section))
        if {"id", *SCHOOLOGY_COLLECTIONS} & set(changes):
            raise ValueError("an id stays; records are changed by their own edits")
        held.row = msgspec.convert({**msgspec.structs.asdict(held.row), **changes}, SchoologySection)
        self.content.codes_changed()
        return dict(msgspec.json.decode(held.record()))

    def remove_section(self, section: Id) -> None:
        """Delete a section with all that is in it."""
        del self.content.sections[self.content.find(str(section)).row.id]
        self.content.codes_changed()

    def set_clock(self, at: str | None = None) -> int:
        """Stop the server's clock at an ISO 8601 time with a zone, or (null) let it run; gives it as UNIX seconds."""
        moment = None if at is None else datetime.fromisoformat(at)
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"{at} has no zone")
        self.content.set_clock(None if moment is None else int(moment.timestamp()))
        return self.content.now()

    def advance(self, seconds: int) -> int:
        """Put the server's clock forward; gives it as UNIX seconds."""
        self.content.advance(seconds)
        return self.content.now()


def _as_served(item: dict[str, Any]) -> dict[str, Any]:
    """Leave out what Schoology leaves out: the two flags where they have their default."""
    return {
        name: value
        for name, value in item.items()
        if name not in DEFAULTS or isinstance(value, bool) or str(value) != str(DEFAULTS[name])
    }


def _field(record: bytes, name: str) -> str:
    value = msgspec.json.decode(record)
    return str(value.get(name)) if isinstance(value, dict) else ""


def _is_numeric(record: bytes) -> bool:
    value = msgspec.json.decode(record)
    grade = value.get("grade") if isinstance(value, dict) else None
    if grade is None or isinstance(grade, bool | list | dict):
        return False
    try:
        float(grade)
    except ValueError:
        return False
    return True
