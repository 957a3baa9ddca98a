"""The small district's bad records: of every collection, never over the gate's five per cent of one."""

from typing import Any

from sandbox.small.builder import UPDATED, Cases, Expected, failed
from sandbox.small.people import GROUP

INVALID = failed("SOURCE_RECORD_INVALID")
HEAD = {"updated_at": UPDATED, "deleted": False}


def add_bad_records(cases: Cases) -> None:
    """Add records that break the contract, references to nothing, and what hangs on them."""
    _bad_people(cases)
    _bad_classes_and_assessments(cases)
    _bad_assignments(cases)
    _bad_scores(cases)


def _bad_people(cases: Cases) -> None:
    cases.record("users", {**HEAD, "id": "u-bad-type", "role": "teacher", "sis_id": 8301, "groups": [GROUP]})
    cases.record("users", "a user that is no object")
    cases.record("students", {**HEAD, "id": "st-bad-type", "sis_id": 200011})
    cases.record("students", {**HEAD, "id": "st-missing-field"})
    cases.item("by-a-bad-user", INVALID, "its assigner cannot be read", by="u-bad-type")
    cases.item("by-nobody", INVALID, "its assigner does not exist", by="u-nowhere")


def _bad_classes_and_assessments(cases: Cases) -> None:
    cases.school_class("c-bad-type", "85001", "st-200001", teacher_ids="u-lead")
    cases.record("classes", {**HEAD, "name": "no id", "school_id": "101", "sis_section_id": "85001", "teacher_ids": []})
    cases.item("of-a-bad-class", INVALID, "its class cannot be read", of="c-bad-type")
    cases.item("of-no-class", INVALID, "its class does not exist", of="c-nowhere")
    cases.item("total-as-text", INVALID, "the total is the text 12", assessment={"points_possible": "12"})
    cases.item("total-as-truth", INVALID, "the total is true", assessment={"points_possible": True})
    cases.item("title-none", INVALID, "the title is null", assessment={"title": None})
    cases.item("of-no-assessment", INVALID, "its assessment does not exist", assessment_id="as-nowhere")


def _bad_assignments(cases: Cases) -> None:
    cases.item("switch-as-text", INVALID, "include-in-final-grade is a text", include_in_final_grade="yes")
    cases.item("due-date-no-day", INVALID, "the due date is no day of the calendar", due_date="2026-02-30")
    cases.record(
        "assignments",
        {
            **HEAD,
            "id": "field-missing",
            "class_id": "c-main",
            "assigned_by": "u-lead",
            "assigned_at": None,
            "due_date": "2026-09-18",
            "submission_date": None,
            "include_in_final_grade": True,
        },
    )
    cases.items["field-missing"] = INVALID
    cases.why["field-missing"] = "the assessment_id is not there"
    cases.score("field-missing", "st-200001", INVALID)
    cases.record("assignments", ["an assignment", "that is no object"])
    cases.record(
        "assignments",
        {
            **HEAD,
            "assessment_id": "as-twin",
            "class_id": "c-main",
            "assigned_by": "u-lead",
            "assigned_at": None,
            "due_date": "2026-09-18",
            "submission_date": None,
            "include_in_final_grade": True,
        },
    )
    cases.unkeyed["items"] += 2


def _bad_scores(cases: Cases) -> None:
    item = cases.item("bad-scores", Expected("created"), "good and bad scores on one item")
    bad: list[tuple[str, str, dict[str, Any]]] = [
        ("points-as-text", "st-200002", {"points": "9"}),
        ("points-as-truth", "st-200003", {"points": True}),
        ("excluded-as-number", "st-200004", {"excluded": 0}),
        ("time-without-zone", "st-200005", {"updated_at": "2026-10-10T12:00:00"}),
        ("of-a-bad-student", "st-bad-type", {}),
        ("of-a-student-with-a-missing-field", "st-missing-field", {}),
        ("of-nobody", "st-nowhere", {}),
    ]
    for key, student, changes in bad:
        cases.score(item, student, INVALID, key.replace("-", " "), key=f"bad-scores.{key}", **changes)
    cases.score("no-such-item", "st-200006", INVALID, "its assignment does not exist")
    cases.record("scores", None)
    cases.record(
        "scores",
        {
            **HEAD,
            "assignment_id": item,
            "student_id": "st-200007",
            "status": "graded",
            "points": 5,
            "excluded": False,
            "excused": False,
            "missing": False,
        },
    )
    cases.unkeyed["scores"] += 2
    cases.item(
        "bad-score-of-failing-item",
        failed("CATEGORY_UNMAPPED"),
        "a quarantined score is always itself",
        assessment={"assessment_type": "Essay"},
    )
    cases.score("bad-score-of-failing-item", "st-200002", INVALID, points="9")
