"""Otus's six collections as the extract contract defines them; only these fields are decoded, and names never kept.

Each type says in words what it needs, so that the reason of a bad field can be told without its value.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

# PostgreSQL cannot index a longer text; nothing that names a thing is that long.
LONGEST_ID = 255


def _needs(words: str, kind: str = "json", *, stored: bool = True) -> dict[str, Any]:
    """What a field needs in words, how it is read by itself (`kind`), and whether its text goes to the database."""
    return {"needs": words, "kind": kind, "stored": stored}


Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID, extra=_needs(f"a text of 1 to {LONGEST_ID} characters"))]
Reference = Annotated[str, Meta(max_length=LONGEST_ID, extra=_needs(f"a text of at most {LONGEST_ID} characters"))]
SisId = Annotated[
    Annotated[str, Meta(max_length=LONGEST_ID)] | None,
    Meta(extra=_needs(f"a text of at most {LONGEST_ID} characters, or null")),
]
Text = Annotated[str, Meta(extra=_needs("a text"))]
Names = Annotated[list[str], Meta(extra=_needs("a list of texts"))]
Switch = Annotated[bool, Meta(extra=_needs("true or false"))]
Number = Annotated[float | None, Meta(extra=_needs("a number or null", "number"))]
Points = Annotated[float | None, Meta(extra=_needs("a number or null", "points"))]
Time = Annotated[dt.datetime, Meta(tz=True, extra=_needs("a date and time with a zone", "time"))]
MaybeTime = Annotated[
    Annotated[dt.datetime, Meta(tz=True)] | None, Meta(extra=_needs("a date and time with a zone, or null", "time"))
]
MaybeDate = Annotated[dt.date | None, Meta(extra=_needs("a date YYYY-MM-DD, or null"))]
Kind = Annotated[Literal["assessment", "plus"], Meta(extra=_needs("`assessment` or `plus`"))]
Status = Annotated[
    Literal["not_started", "in_progress", "turned_in", "graded"],
    Meta(extra=_needs("`not_started`, `in_progress`, `turned_in` or `graded`")),
]
# Checked and thrown away: a text that could not be stored does no harm here.
DroppedText = Annotated[str, Meta(extra=_needs("a text", stored=False))]
DroppedId = Annotated[str | int, Meta(extra=_needs("a text or a number", stored=False))]
DroppedList = Annotated[list[msgspec.Raw], Meta(extra=_needs("a list", stored=False))]


class Record(msgspec.Struct, kw_only=True, gc=False):
    """What every object has; a deleted one carries all other fields as well."""

    id: Id
    updated_at: Time
    deleted: Switch


class User(Record, kw_only=True):
    """A person who assigns: `sis_id` is PowerSchool's USERS.DCID."""

    role: Text
    sis_id: SisId
    groups: Names


class Student(Record, kw_only=True, gc=False):
    """A student: `sis_id` is the student number."""

    sis_id: SisId


class Class(Record, kw_only=True):
    """A class: `sis_section_id` is PowerSchool's SECTIONS.DCID."""

    name: DroppedText
    school_id: DroppedId
    sis_section_id: SisId
    teacher_ids: DroppedList


class Assessment(Record, kw_only=True, gc=False):
    """What was written once and may be given to many classes."""

    identifier: Text
    title: Text
    kind: Kind
    assessment_type: Text
    grading_scale: Text
    points_possible: Number
    created_at: Time


class Assignment(Record, kw_only=True, gc=False):
    """One assessment given to one class."""

    assessment_id: Reference
    class_id: Reference
    assigned_by: Reference
    assigned_at: MaybeTime
    due_date: MaybeDate
    submission_date: MaybeDate
    include_in_final_grade: Switch


class Score(Record, kw_only=True, gc=False):
    """One student's result on one assignment."""

    assignment_id: Reference
    student_id: Reference
    status: Status
    points: Points
    excluded: Switch
    excused: Switch
    missing: Switch
