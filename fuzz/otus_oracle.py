"""What must become of Otus's records, by the extract contract and the rules for scores: from bytes to expectations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from fuzz import oracle as by
from fuzz.oracle import Check, Judged, Number, Open, Wrong

FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)


def _school(value: Any) -> Any:
    """The contract gives no type for it; it is thrown away."""
    if not isinstance(value, str):
        raise Wrong("missing") if value is by.MISSING else Open("untyped")
    return value


def _dropped(value: Any) -> str:
    """A text that is thrown away: whether the database could hold it does not matter."""
    if not isinstance(value, str):
        raise Wrong("text")
    return value


def _dropped_list(value: Any) -> None:
    if not isinstance(value, list):
        raise Wrong("list")


_HEAD: dict[str, Check] = {"id": by.ident, "updated_at": by.moment, "deleted": by.boolean}
_SIS = by.or_null(by.short)
CHECKS: Mapping[str, Mapping[str, Check]] = {
    "users": _HEAD | {"role": by.text, "sis_id": _SIS, "groups": by.listed(by.text)},
    "students": _HEAD | {"sis_id": _SIS},
    "classes": _HEAD | {
        "name": _dropped, "school_id": _school, "sis_section_id": _SIS, "teacher_ids": _dropped_list,
    },
    "assessments": _HEAD | {
        "identifier": by.text, "title": by.text, "kind": by.one_of("assessment", "plus"), "assessment_type": by.text,
        "grading_scale": by.text, "points_possible": by.or_null(by.number), "created_at": by.moment,
    },
    "assignments": _HEAD | {
        "assessment_id": by.short, "class_id": by.short, "assigned_by": by.short, "assigned_at": by.or_null(by.moment),
        "due_date": by.or_null(by.day), "submission_date": by.or_null(by.day), "include_in_final_grade": by.boolean,
    },
    "scores": _HEAD | {
        "assignment_id": by.short, "student_id": by.short,
        "status": by.one_of("not_started", "in_progress", "turned_in", "graded"), "points": by.or_null(by.number),
        "excluded": by.boolean, "excused": by.boolean, "missing": by.boolean,
    },
}  # fmt: skip
# How a value stands in staging, where that is not simply itself; None: it is not kept.
_SIS_KEPT = lambda value: by.canonical(value) if value else None  # noqa: E731
KEPT: Mapping[str, Mapping[str, Any]] = {
    "users": {"role": None, "sis_id": _SIS_KEPT, "groups": None},
    "students": {"sis_id": _SIS_KEPT},
    "classes": {"sis_section_id": _SIS_KEPT},
    "assessments": dict.fromkeys(("identifier", "title", "kind", "assessment_type", "grading_scale"))
    | {"points_possible": lambda value: None if value is None else by.as_float(value)},
    "assignments": dict.fromkeys(
        (
            "assessment_id",
            "class_id",
            "assigned_by",
            "due_date",
            "submission_date",
            "include_in_final_grade",
            "assigned_at",
        )
    ),
    "scores": dict.fromkeys(("assignment_id", "student_id", "status", "excluded"))
    | {"points": lambda value: None if value is None else by.six_decimals(value)},
}
COLUMNS = {("students", "sis_id"): "student_number"}
TABLES = {
    "users": "otus_user", "students": "otus_student", "classes": "otus_class", "assessments": "otus_assessment",
    "assignments": "otus_assignment", "scores": "otus_score",
}  # fmt: skip


def judge(collection: str, lines: Iterable[bytes]) -> list[Judged]:
    """Every line of a collection's file, in order; one that is blank is none."""
    return [by.judged(line, CHECKS[collection], {}) for line in lines if line.strip()]


def newest(versions: list[Judged]) -> Judged:
    """The version that counts: the latest, of equals the one that came last; an unreadable time is the latest."""
    return max(enumerate(versions), key=lambda each: (each[1].values.get("updated_at", FOREVER), each[0]))[1]


def staged(collection: str, version: Judged) -> dict[str, Any]:
    """What the columns of staging must hold of a good version."""
    return {
        COLUMNS.get((collection, name), name): as_kept(version.values[name]) if as_kept else version.values[name]
        for name, as_kept in KEPT[collection].items()
    }


def own_code(score: Mapping[str, Any]) -> str:
    """The code that a readable, undeleted score has by its own values ('' where it passes), from the table of rules.

    SUPERSEDED, STUDENT_NOT_FOUND and STUDENT_NOT_ENROLLED come before these, and hang on other records.
    """
    if score["excluded"]:
        return "EXCLUDED_SCORE"
    if score["status"] == "turned_in":
        return "NOT_FULLY_GRADED"
    if score["status"] != "graded" or score["points"] is None:
        return "NO_SCORE"
    return "" if 0 <= score["points"] < 1e30 else "SCORE_INVALID"


__all__ = ["CHECKS", "COLUMNS", "KEPT", "TABLES", "Number", "judge", "newest", "own_code", "staged"]
