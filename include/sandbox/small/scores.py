"""The small district's score cases: one for each score rule, and both sides of every boundary."""

from typing import Any

from sandbox.small.builder import CREATED, Cases, Expected, created, failed, skipped
from sandbox.small.roster import ELSEWHERE, MAIN_STUDENTS


def add_enrollment_cases(cases: Cases) -> None:
    """Add one item whose students stand on both sides of every edge of an enrolment on 2026-10-15."""
    key = cases.item("enrollments", CREATED, "who is enrolled on the as-of day")
    absent, unknown = failed("STUDENT_NOT_ENROLLED"), failed("STUDENT_NOT_FOUND")
    for student, expected, why in [
        ("200101", CREATED, "entered on the as-of day"),
        ("200102", absent, "enters the day after"),
        ("200103", absent, "exit date is the as-of day: no longer enrolled"),
        ("200104", CREATED, "exit date is the day after: the last day"),
        ("200105", absent, "dropped, though the dates fit"),
        ("200106", CREATED, "dropped once, enrolled again"),
        ("200107", CREATED, "left and came back"),
        ("200108", absent, "left, and comes back later"),
        ("200109", absent, "entered and left on one day"),
        (ELSEWHERE, absent, "enrolled in another section"),
        ("unknown-number", absent, "a number that PowerSchool does not know"),
        ("000451", CREATED, "leading zeros on both sides"),
        ("452", CREATED, "leading zeros in Otus only: numbers compare as numbers"),
        ("no-number", unknown, "no SIS number"),
        ("empty-number", unknown, "an empty SIS number"),
    ]:
        cases.score(key, f"st-{student}", expected, why)


def add_score_cases(cases: Cases) -> None:
    """Add one item with every status, flag and amount, a student each."""
    key = cases.item("amounts", CREATED, "every status, flag and amount", scored=False)
    numbers = iter(MAIN_STUDENTS)
    excluded, turned_in, none = "EXCLUDED_SCORE", "NOT_FULLY_GRADED", "NO_SCORE"
    amounts: list[tuple[str, Expected, dict[str, Any]]] = [
        ("exactly-the-total", CREATED, {"points": 10}),
        ("above-the-total", created("SCORE_ABOVE_TOTAL"), {"points": 10.5}),
        ("zero", CREATED, {"points": 0}),
        ("below-zero", failed("SCORE_INVALID"), {"points": -1}),
        ("half-a-point", CREATED, {"points": 0.5}),
        ("many-decimals", CREATED, {"points": 3.3333333}),
        ("whole-as-float", CREATED, {"points": 7.0}),
        ("excluded", skipped(excluded), {"excluded": True}),
        ("excluded-and-turned-in", skipped(excluded, turned_in), {"excluded": True, "status": "turned_in"}),
        ("excluded-without-points", skipped(excluded, none), {"excluded": True, "points": None}),
        ("turned-in-with-points", skipped(turned_in), {"status": "turned_in"}),
        ("turned-in-without-points", skipped(turned_in), {"status": "turned_in", "points": None}),
        ("not-started", skipped(none), {"status": "not_started", "points": None}),
        ("not-started-with-points", skipped(none), {"status": "not_started", "points": 4}),
        ("in-progress", skipped(none), {"status": "in_progress", "points": None}),
        ("in-progress-with-points", skipped(none), {"status": "in_progress", "points": 4}),
        ("graded-without-points", skipped(none), {"points": None}),
        ("excused-with-points", CREATED, {"excused": True}),
        ("missing-with-points", CREATED, {"missing": True}),
        ("excused-without-points", skipped(none), {"excused": True, "points": None}),
        ("missing-without-points", skipped(none), {"missing": True, "points": None}),
        ("deleted-score", skipped("SOURCE_DELETED"), {"deleted": True}),
        ("deleted-and-not-graded", skipped("SOURCE_DELETED"), {"deleted": True, "points": None}),
    ]
    for name, expected, changes in amounts:
        cases.score(key, f"st-{next(numbers)}", expected, key=f"amounts.{name}", **changes)
    cases.score(key, f"st-{ELSEWHERE}", failed("STUDENT_NOT_ENROLLED", excluded), "two codes", excluded=True)
    cases.score(key, "st-no-number", failed("STUDENT_NOT_FOUND", turned_in), "two codes", status="turned_in")


def add_superseded_cases(cases: Cases) -> None:
    """Add one item on which students have several records: the newest of those that compete counts."""
    item = cases.item("superseded", CREATED, "several records of one student", scored=False)
    gone, first, second = skipped("SUPERSEDED"), "2026-10-01T12:00:00Z", "2026-10-02T12:00:00Z"
    unknown = failed("STUDENT_NOT_FOUND")
    records: list[tuple[str, str, str, Expected, dict[str, Any]]] = [
        ("older-and-newer.a", "200001", first, gone, {"points": 3}),
        ("older-and-newer.b", "200001", second, CREATED, {"points": 9}),
        ("newer-comes-first.a", "200002", second, CREATED, {"points": 9}),
        ("newer-comes-first.b", "200002", first, gone, {"points": 3}),
        ("newer-in-another-zone.a", "200004", second, gone, {"points": 3}),
        ("newer-in-another-zone.b", "200004", "2026-10-02T07:30:00-05:00", CREATED, {"points": 9}),
        ("two-accounts-of-one-student.a", "200005", first, gone, {"points": 3}),
        ("two-accounts-of-one-student.b", "twin-account", second, CREATED, {"points": 9}),
        ("newest-fails.a", "200006", first, gone, {}),
        ("newest-fails.b", "200006", second, skipped("EXCLUDED_SCORE"), {"excluded": True}),
        ("newest-is-deleted.a", "200007", first, CREATED, {"points": 6}),
        ("newest-is-deleted.b", "200007", second, skipped("SOURCE_DELETED"), {"deleted": True}),
        ("newest-cannot-be-read.a", "200008", first, CREATED, {"points": 6}),
        ("newest-cannot-be-read.b", "200008", second, failed("SOURCE_RECORD_INVALID"), {"points": "9"}),
        ("older-fails-as-well.a", "200009", first, skipped("SUPERSEDED", "SCORE_INVALID"), {"points": -3}),
        ("older-fails-as-well.b", "200009", second, CREATED, {"points": 9}),
        ("numberless.a", "no-number", first, unknown, {}),
        ("numberless.b", "no-number", second, unknown, {}),
    ]
    for key, student, at, expected, changes in records:
        cases.score(item, f"st-{student}", expected, key=f"superseded.{key}", updated_at=at, **changes)
    # The same moment: the higher id counts, and ids compare as numbers where both are numbers.
    for number, points, expected in (("99001", 3, gone), ("100001", 9, CREATED)):
        cases.score(item, "st-200003", expected, key=number, updated_at=second, points=points)
