"""Where each Otus collection goes: its temporary table, the columns kept, and a record as a row of COPY's text form.

A row function takes a record whose texts are escaped already; what comes out are the collection's `columns` in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from passback.settings.kinds import canonical_id
from passback.sources.copy_text import NULL, array
from passback.sources.otus.contract import Assessment, Assignment, Class, Record, Score, Student, User
from passback.sources.rounding import rounded

# What every row begins with; `invalid` is the reason why the version could not be read.
HEAD = ("id", "updated_at", "deleted", "invalid")


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection of the contract.

    `row`: a good record, and its `updated_at` as text, as one line of COPY; `kept`: the columns after `HEAD`;
    `salvaged`: those that a bad record keeps where they have the right type; `texts`: the record's fields that may hold
    characters to escape.
    """

    name: str
    record: type[Record]
    row: Callable[[Any, str], str]
    kept: tuple[str, ...]
    texts: tuple[str, ...]
    salvaged: tuple[str, ...] = ()

    @property
    def incoming(self) -> str:
        """The temporary table that the rows are copied into."""
        return f"incoming_{self.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of that table, in the order of the rows."""
        return HEAD + self.kept


def _or_null(value: object) -> object:
    return NULL if value is None else value


def _sis(value: str | None) -> str:
    return canonical_id(value) if value else NULL


def _user(r: User, at: str) -> str:
    return f"{r.id}\t{at}\t{r.deleted}\t\\N\t{r.role}\t{_sis(r.sis_id)}\t{array(r.groups)}\n"


def _student(r: Student, at: str) -> str:
    return f"{r.id}\t{at}\t{r.deleted}\t\\N\t{_sis(r.sis_id)}\n"


def _class(r: Class, at: str) -> str:
    return f"{r.id}\t{at}\t{r.deleted}\t\\N\t{_sis(r.sis_section_id)}\n"


def _assessment(r: Assessment, at: str) -> str:
    return (
        f"{r.id}\t{at}\t{r.deleted}\t\\N\t{r.identifier}\t{r.title}\t{r.kind}\t{r.assessment_type}"
        f"\t{r.grading_scale}\t{_or_null(r.points_possible)}\t{r.created_at}\n"
    )


def _assignment(r: Assignment, at: str) -> str:
    return (
        f"{r.id}\t{at}\t{r.deleted}\t\\N\t{r.assessment_id}\t{r.class_id}\t{r.assigned_by}"
        f"\t{_or_null(r.assigned_at)}\t{_or_null(r.due_date)}\t{_or_null(r.submission_date)}"
        f"\t{r.include_in_final_grade}\n"
    )


def _score(r: Score, at: str) -> str:
    # Written for speed: a night may read a million of them.
    if r.points is None:
        points = NULL
    elif not r.points % 0.125:
        points = repr(r.points + 0.0)
    else:
        points = repr(rounded(r.points))
    return (
        f"{r.id}\t{at}\t{'t' if r.deleted else 'f'}\t\\N\t{r.assignment_id}\t{r.student_id}\t{r.status}\t{points}"
        f"\t{'t' if r.excluded else 'f'}\n"
    )


# In the order in which they are fetched: what a record refers to comes before it.
COLLECTIONS: Mapping[str, Collection] = {
    each.name: each
    for each in (
        Collection("users", User, _user, ("role", "sis_id", "groups"), ("id", "role", "sis_id")),
        Collection("students", Student, _student, ("student_number",), ("id", "sis_id")),
        Collection("classes", Class, _class, ("sis_section_id",), ("id", "sis_section_id")),
        Collection(
            "assessments", Assessment, _assessment,
            ("identifier", "title", "kind", "assessment_type", "grading_scale", "points_possible", "created_at"),
            ("id", "identifier", "title", "assessment_type", "grading_scale"),
        ),
        Collection(
            "assignments", Assignment, _assignment,
            ("assessment_id", "class_id", "assigned_by", "assigned_at", "due_date", "submission_date",
             "include_in_final_grade"),
            ("id", "assessment_id", "class_id", "assigned_by"),
            ("assessment_id", "class_id", "assigned_by", "assigned_at", "due_date", "submission_date"),
        ),
        Collection(
            "scores", Score, _score, ("assignment_id", "student_id", "status", "points", "excluded"),
            ("id", "assignment_id", "student_id"), ("assignment_id", "student_id"),
        ),
    )
}  # fmt: skip
