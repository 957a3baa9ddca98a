"""Schoology's collections: the fields that are decoded and kept, and each record as a row; names are never decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol

import msgspec

from passback.sources.copy_text import NULL, array, column
from passback.sources.fields import REQUIRED, Field, Reader
from passback.sources.schoology import values as read

Values = Mapping[str, Any]

_ID = "an id: a text of 1 to 255 characters, or a whole number"
_MAYBE_ID = "an id: a text of at most 255 characters, or a whole number"
_FLAG = "0 or 1"
_DAY = "a date and time YYYY-MM-DD HH:MM:SS, or an empty text"
_NUMBER = "a number, the text of one, or null"


class Kept(Protocol):
    """How a field is read (see `values`)."""

    def __call__(self, value: Any, /) -> Any:
        """The value as it is staged; raises ValueError."""


@dataclass(frozen=True)
class Collection:
    """One collection of Schoology.

    `path`: the last part of a section's path; `inside`: the way to the list in a reply; `key`: the record's own key
    from its values and its section; `row`: the columns of `table` as COPY has them, from the values that could be read,
    with the reason why others could not.
    """

    name: str
    path: str
    inside: tuple[str, ...]
    readers: Mapping[str, tuple[Kept, str, Any]]
    columns: tuple[str, ...]
    key: Callable[[str, Values], str]
    row: Callable[[str, str, Values, str | None], str]

    @property
    def table(self) -> str:
        """The temporary table that the rows are copied into."""
        return f"incoming_{self.name}"

    @cached_property
    def record(self) -> type[msgspec.Struct]:
        """What the wire carries, of which nothing but the kept fields is decoded; UNSET is a field that is missing."""
        fields = [(name, Any, msgspec.UNSET) for name in self.readers]
        return msgspec.defstruct(self.name, fields, gc=False)

    @cached_property
    def kept(self) -> tuple[tuple[str, Kept, Any], ...]:
        """Each field with its reader and its value where it is missing."""
        return tuple((name, reader, default) for name, (reader, _, default) in self.readers.items())

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The same fields, to be read one by one from an undecoded object."""
        return {name: Field(_of_raw(reader), needs, default) for name, (reader, needs, default) in self.readers.items()}


def _of_raw(reader: Kept) -> Reader:
    """The reader for an undecoded value; numbers go to those of numbers as they are written."""
    as_written = reader in (read.points, read.total)
    return partial(_read_raw, reader, as_written)


def _read_raw(reader: Kept, as_written: bool, raw: msgspec.Raw) -> Any:
    given = bytes(raw).strip()
    if as_written and given[:1] in b"-0123456789":
        msgspec.json.decode(b"[%s]" % given, type=list[msgspec.Raw])
        return reader(given.decode("ascii"))
    return reader(msgspec.json.decode(given))


def _columns(*values: object) -> str:
    return "\t".join([column(None if value is None else str(value)) for value in values]) + "\n"


def _ids(values: list[str] | None) -> str:
    return NULL if values is None else array(values)


def _in_section(section_id: str, v: Values) -> str:
    return f"{section_id}:{v['id']}"


def _section(key: str, _: str, v: Values, invalid: str | None) -> str:
    found = _columns(key, invalid, v.get("section_school_code"), v.get("active"))
    return f"{found[:-1]}\t{_ids(v.get('grading_periods'))}\n"


def _item(key: str, section_id: str, v: Values, invalid: str | None) -> str:
    """What a bad item keeps is what others are judged by: its title by twins, its day by the school year."""
    kept = v if invalid is None else {n: v[n] for n in ("title", "due", "grading_period", "is_final") if n in v}
    found = _columns(
        key, invalid, section_id, v["id"], v.get("grade_item_id"), kept.get("title"), kept.get("type"), kept.get("due"),
        kept.get("grading_scale"), kept.get("grading_period"), kept.get("grading_category"), kept.get("max_points"),
        kept.get("is_final"), kept.get("published"), kept.get("count_in_grade"), kept.get("collected_only"),
    )  # fmt: skip
    return f"{found[:-1]}\t{_ids(kept.get('assignees'))}\n"


def _grade(key: str, section_id: str, v: Values, invalid: str | None) -> str:
    ids = (section_id, v["assignment_id"], v["enrollment_id"])
    if invalid is not None:
        return _columns(key, invalid, *ids, v.get("is_final", False), None, False, None, None)
    grade, unreadable = v["grade"]
    if not key.isprintable() or "\\" in key:
        return _columns(key, None, *ids, v["is_final"], grade, unreadable, v["exception"], v["timestamp"])
    # Written for speed: a sweep may read a million of them.
    at = NULL if v["timestamp"] is None else v["timestamp"]
    return (
        f"{key}\t\\N\t{section_id}\t{ids[1]}\t{ids[2]}\t{v['is_final']}\t{NULL if grade is None else grade}"
        f"\t{unreadable}\t{v['exception']}\t{at}\n"
    )


def _enrollment(key: str, section_id: str, v: Values, invalid: str | None) -> str:
    kept = v if invalid is None else {}
    return _columns(key, invalid, section_id, kept.get("school_uid"), kept.get("admin"), kept.get("status"))


def _category(key: str, section_id: str, v: Values, invalid: str | None) -> str:
    return _columns(key, invalid, section_id, v["id"], v.get("title"))


def _period(key: str, section_id: str, v: Values, invalid: str | None) -> str:
    return _columns(key, invalid, section_id, v["id"], v.get("title"), v.get("start"), v.get("end"))


SECTIONS = Collection(
    "sections", "", ("section",),
    {
        "id": (read.ident, _ID, REQUIRED),
        "section_school_code": (read.ident, _ID, REQUIRED),
        "active": (read.flag, _FLAG, None),
        "grading_periods": (read.idents, "a list of ids", None),
    },
    ("id", "invalid", "section_school_code", "active", "grading_periods"), lambda _, v: str(v["id"]), _section,
)  # fmt: skip

GRADE_ITEMS = Collection(
    "grade_items", "grade_items", ("assignment",),
    {
        "id": (read.ident, _ID, REQUIRED),
        "title": (read.text, "a text", REQUIRED),
        "due": (read.day, _DAY, REQUIRED),
        "grading_scale": (read.maybe_ident, _MAYBE_ID, REQUIRED),
        "grading_period": (read.maybe_ident, _MAYBE_ID, REQUIRED),
        "grading_category": (read.maybe_ident, _MAYBE_ID, REQUIRED),
        "max_points": (read.total, _NUMBER, REQUIRED),
        "is_final": (read.flag, _FLAG, REQUIRED),
        "published": (read.flag, _FLAG, REQUIRED),
        "assignees": (read.assignees, "a list of ids, or the text of one", REQUIRED),
        "type": (read.text, "a text", None),
        "grade_item_id": (read.maybe_other, _MAYBE_ID, None),
        "count_in_grade": (read.flag, _FLAG, True),
        "collected_only": (read.flag, _FLAG, False),
    },
    ("id", "invalid", "section_id", "grade_item_id", "other_id", "title", "kind", "due_on", "grading_scale",
     "grading_period", "grading_category", "max_points", "is_final", "published", "count_in_grade", "collected_only",
     "assignees"),
    _in_section, _item,
)  # fmt: skip

GRADES = Collection(
    "grades", "grades", ("grades", "grade"),
    {
        "enrollment_id": (read.ident, _ID, REQUIRED),
        "assignment_id": (read.ident, _ID, REQUIRED),
        "grade": (read.points, _NUMBER, REQUIRED),
        "exception": (read.whole, "a whole number or the text of one", REQUIRED),
        "timestamp": (read.moment, "a UNIX time in whole seconds, or nothing", None),
        "is_final": (read.flag, _FLAG, False),
    },
    ("source_id", "invalid", "section_id", "assignment_id", "enrollment_id", "is_final", "grade", "grade_unreadable",
     "exception", "changed_at"),
    lambda section_id, v: f"{section_id}:{v['assignment_id']}:{v['enrollment_id']}", _grade,
)  # fmt: skip

ENROLLMENTS = Collection(
    "enrollments", "enrollments", ("enrollment",),
    {
        "id": (read.ident, _ID, REQUIRED),
        "school_uid": (read.student_number, "a student number as a text or a whole number, or null", REQUIRED),
        "admin": (read.flag, _FLAG, REQUIRED),
        "status": (read.maybe_ident, "a text or a whole number", REQUIRED),
    },
    ("id", "invalid", "section_id", "student_number", "admin", "status"), lambda _, v: str(v["id"]), _enrollment,
)  # fmt: skip

CATEGORIES = Collection(
    "grading_categories", "grading_categories", ("grading_category",),
    {"id": (read.ident, _ID, REQUIRED), "title": (read.text, "a text", REQUIRED)},
    ("source_id", "invalid", "section_id", "id", "title"), _in_section, _category,
)  # fmt: skip

PERIODS = Collection(
    "grading_periods", "grading_periods", ("grading_period",),
    {
        "id": (read.ident, _ID, REQUIRED),
        "title": (read.text, "a text", REQUIRED),
        "start": (read.day, _DAY, None),
        "end": (read.day, _DAY, None),
    },
    ("source_id", "invalid", "section_id", "id", "title", "start_on", "end_on"), _in_section, _period,
)  # fmt: skip

COLLECTIONS = (SECTIONS, GRADE_ITEMS, GRADES, ENROLLMENTS, CATEGORIES, PERIODS)
