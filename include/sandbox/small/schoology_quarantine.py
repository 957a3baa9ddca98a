"""The small district's bad Schoology records: of every collection, never over the gate's five per cent of one."""

from typing import Any

from sandbox.small.builder import CREATED, failed
from sandbox.small.schoology_builder import GRADED, MAIN, SchoologyCases

INVALID = failed("SOURCE_RECORD_INVALID")


def add_bad_records(cases: SchoologyCases) -> None:
    """Add records that break the contract, what hangs on them, and grades that belong to nothing."""
    _bad_items(cases)
    _bad_grades(cases)
    bad: list[tuple[str, Any]] = [
        ("enrollments", {"id": "44779900", "uid": "1", "school_uid": ["200008"], "admin": 0, "status": "1"}),
        ("enrollments", {"uid": "2", "school_uid": "200008", "admin": 0, "status": "1"}),
        ("enrollments", "an enrolment that is no object"),
        ("categories", {"id": 84791, "title": 7}),
        ("categories", ["a category", "that is no object"]),
        ("periods", {"id": 438, "title": "Q5", "start": 20261019, "end": 20261218}),
    ]
    for collection, value in bad:
        cases.record(MAIN, collection, value)


def _bad_items(cases: SchoologyCases) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("title-as-number", {"title": 7}),
        ("total-as-truth", {"max_points": True}),
        ("total-as-list", {"max_points": ["10"]}),
        ("published-as-list", {"published": [1]}),
        ("due-as-number", {"due": 20260918}),
        ("assignees-as-truth", {"assignees": True}),
    ]
    for name, changes in wrong:
        cases.item(name, INVALID, name.replace("-", " "), **changes)
    cases.record(MAIN, "items", "an item that is no object")
    cases.record(MAIN, "items", {"title": "Without an id", "due": "", "max_points": "10", "published": 1})
    cases.said.unkeyed["items"] += 2


def _bad_grades(cases: SchoologyCases) -> None:
    item = cases.item("bad-grades", CREATED, "good and bad grades on one item")
    cases.grade(item, "200002", INVALID, "the grade is true", grade=True)
    cases.grade(item, "200003", INVALID, "the grade is a list", grade=[8])
    cases.grade(item, "200004", INVALID, "the exception is true", exception=True)
    cases.grade(item, "200005", INVALID, "the exception is an object", exception={"code": 1})
    cases.grade(item, 44779900, INVALID, "its enrolment cannot be read")
    failing = cases.item("bad-grade-of-failing-item", failed("CATEGORY_REQUIRED"), "always itself", category=None)
    cases.grade(failing, "200002", INVALID, "a quarantined score is always itself", grade=True)
    cases.record(MAIN, "grades", None)
    number = int(item.partition(":")[2])
    cases.record(MAIN, "grades", {"assignment_id": number, "grade": 5, "exception": 0, "timestamp": GRADED})
    cases.said.unkeyed["scores"] += 2
    cases.leave_out(cases.grade(f"{MAIN}:99999999", "200001", CREATED, "its item is not in the section's list"))
