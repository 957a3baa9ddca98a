"""A tiny Schoology for tests: good records to start from, a roster to ask by, and a look into staging."""

import json
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import dict_row

from sandbox.district import District, SchoologySection

AT = 1_790_000_000


def item(number: int | str = 5001, **changes: Any) -> dict[str, Any]:
    """A good grade item, changed; a field given as `...` is left out."""
    whole = {
        "id": number, "title": "Unit 3 test", "description": "", "due": "2026-10-08 23:59:00", "grading_scale": "0",
        "grading_period": "435", "grading_category": "4371", "max_points": "100", "factor": "1", "is_final": "0",
        "published": 1, "type": "assignment", "grade_item_id": number, "assignees": [], **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not ...}


def grade(item_id: int | str = 5001, enrollment_id: int | str = 701, **changes: Any) -> dict[str, Any]:
    """A good grade, changed."""
    whole = {
        "enrollment_id": enrollment_id, "assignment_id": item_id, "grade": "87.5", "exception": 0, "max_points": "100",
        "is_final": 0, "timestamp": AT, "comment": "well done, Anna", "type": "assignment", **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not ...}


def enrollment(number: int | str = 701, school_uid: Any = "100234", **changes: Any) -> dict[str, Any]:
    """A good enrolment, changed."""
    whole = {
        "id": number, "uid": f"9{number}", "school_uid": school_uid, "admin": 0, "status": "1",
        "name_display": "Anna Example", **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not ...}


CATEGORY = {"id": 4371, "title": "Tests"}
PERIOD = {"id": 435, "title": "Q1", "start": "2026-08-20 00:00:00", "end": "2026-10-23 00:00:00"}


def section(number: int = 1, **parts: list[Any]) -> SchoologySection:
    """A section with one item, one grade and one enrolment; the collections that are given take the place of theirs.

    Its id is 4000 + `number`, its school code 85000 + `number`; records given as bytes are served as they are.
    """
    held = {
        "items": [item()], "grades": [grade()], "categories": [CATEGORY], "periods": [PERIOD],
        "enrollments": [enrollment()], **parts,
    }  # fmt: skip
    records = {name: [each if isinstance(each, bytes) else json.dumps(each).encode() for each in held[name]]
               for name in held}  # fmt: skip
    return SchoologySection(str(4000 + number), str(85000 + number), **records)


def district(sections: Iterable[SchoologySection]) -> District:
    """A district with nothing but these sections in Schoology."""
    return District([], [], [], [], [], [], [], schoology=list(sections))


def staged(uri: str, statement: str, *parameters: object) -> list[dict[str, Any]]:
    """The rows of a query, each a dict."""
    with psycopg.connect(uri, row_factory=dict_row, options="-c timezone=UTC") as connection:
        return connection.execute(statement.encode(), parameters).fetchall()


def column(uri: str, statement: str, *parameters: object) -> list[Any]:
    """The first column of a query."""
    return [next(iter(row.values())) for row in staged(uri, statement, *parameters)]


def execute(uri: str, statement: str, *parameters: object) -> None:
    """One change."""
    with psycopg.connect(uri, options="-c timezone=UTC") as connection:
        connection.execute(statement.encode(), parameters)


def roster(uri: str, dcids: Iterable[int], school: str = "101", students: Iterable[str] = ("100234",)) -> None:
    """The roster's sections, and the same students in each."""
    for dcid in dcids:
        execute(
            uri,
            "insert into staging.section values (%s, %s, 3601, 'Algebra', '1', '2026-08-20', '2027-05-28', 1)",
            dcid, school,
        )  # fmt: skip
        for number in students:
            execute(
                uri,
                "insert into staging.enrollment values (%s, %s, 1, %s, '2026-08-20', null, false, 1)",
                school, dcid, number,
            )  # fmt: skip
