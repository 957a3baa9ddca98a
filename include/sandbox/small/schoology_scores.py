"""The small district's Schoology score cases: one for each score rule, and both sides of every boundary."""

from typing import Any

from sandbox.small.builder import CREATED, Expected, created, failed, skipped
from sandbox.small.roster import ELSEWHERE, MAIN_STUDENTS
from sandbox.small.schoology_builder import GRADED, MAIN, Id, SchoologyCases
from sandbox.small.schoology_sections import NOT_ACTIVE

ABSENT, UNKNOWN = failed("STUDENT_NOT_ENROLLED"), failed("STUDENT_NOT_FOUND")
NONE, WRONG, UNMAPPED = skipped("NO_SCORE"), failed("SCORE_INVALID"), failed("EXCEPTION_UNMAPPED")
OTHERS = skipped("NOT_ASSIGNED_TO_STUDENT")


def add_score_cases(cases: SchoologyCases) -> None:
    """Add an item each for amounts, exceptions, enrolments, named students, and several records of one student."""
    _amounts(cases)
    _exceptions(cases)
    _enrolments(cases)
    _assignees(cases)
    _superseded(cases)


def _amounts(cases: SchoologyCases) -> None:
    item = cases.item("amounts", CREATED, "every form of a grade", scored=False)
    above = created("SCORE_ABOVE_TOTAL")
    grades: list[tuple[Any, Expected]] = [
        (10, CREATED),
        ("10", CREATED),
        (10.5, above),
        ("11", above),
        (0, CREATED),
        ("0", CREATED),
        ("0.00", CREATED),
        (9.5, CREATED),
        ("7.00", CREATED),
        ("3.3333333", CREATED),
        ("2.5000005", CREATED),
        ("2.5000015", CREATED),
        ("6.6666666666", CREATED),
        (-1, WRONG),
        ("-0.5", WRONG),
        ("abc", WRONG),
        ("NaN", WRONG),
        ("Infinity", WRONG),
        ("8/10", WRONG),
        (None, NONE),
        ("", NONE),
    ]
    for number, (grade, expected) in zip(MAIN_STUDENTS, grades, strict=False):
        cases.grade(item, str(number), expected, f"a grade of {grade!r}", grade=grade)


def _exceptions(cases: SchoologyCases) -> None:
    item = cases.item("exceptions", CREATED, "every exception, with and without a grade", scored=False)
    rows: list[tuple[Any, Any, Expected, str]] = [
        (0, 8, CREATED, "no exception"),
        ("0", "8", CREATED, "no exception, as a text"),
        (1, None, CREATED, "excused: exempt in PowerSchool"),
        (2, None, CREATED, "incomplete: a flag in PowerSchool"),
        ("1", "", CREATED, "excused, as a text"),
        (3, None, NONE, "missing: the settings say skip"),
        (4, None, UNMAPPED, "a code that the settings do not map"),
        (17, None, UNMAPPED, "a code that nobody knows"),
        (1, 8, CREATED, "an exception wins over a grade"),
        (1, 15, CREATED, "an exception wins over a grade above the total: no remark"),
        (2, "abc", CREATED, "an exception wins over a grade that is no number"),
        (3, 8, NONE, "skipped, whatever the grade"),
        (4, "7", UNMAPPED, "not mapped, whatever the grade: never sent as a number"),
    ]
    for number, (exception, grade, expected, why) in zip(MAIN_STUDENTS, rows, strict=False):
        cases.grade(item, str(number), expected, why, grade=grade, exception=exception)
    alone = cases.item("exceptions-alone", CREATED, "flags only, and no grade at all", scored=False)
    for number, exception in ((200001, 1), (200002, 2)):
        cases.grade(alone, str(number), CREATED, grade=None, exception=exception)


def _enrolments(cases: SchoologyCases) -> None:
    item = cases.item("enrolments", CREATED, "PowerSchool says who is enrolled on the as-of day", scored=False)
    archived, expired, pending = NOT_ACTIVE
    rows: list[tuple[Id, Expected, str]] = [
        ("200101", CREATED, "entered on the as-of day"),
        ("200102", ABSENT, "enters the day after"),
        ("200103", ABSENT, "exit date is the as-of day: no longer enrolled"),
        ("200104", CREATED, "exit date is the day after: the last day"),
        ("200105", ABSENT, "dropped in PowerSchool, active in Schoology"),
        ("200106", CREATED, "dropped once, enrolled again"),
        ("200108", ABSENT, "left, and comes back later"),
        (ELSEWHERE, ABSENT, "enrolled in another section"),
        ("000451", CREATED, "leading zeros on both sides"),
        ("00452", CREATED, "leading zeros in Schoology only: numbers compare as numbers"),
        (archived, CREATED, "archived in Schoology, enrolled in PowerSchool"),
        (expired, CREATED, "expired in Schoology, enrolled in PowerSchool"),
        (pending, CREATED, "pending in Schoology, enrolled in PowerSchool"),
        (cases.enrol("299999"), ABSENT, "a number that PowerSchool does not know"),
        (cases.enrol("", key=44779004), UNKNOWN, "school_uid is empty"),
        (44770000, UNKNOWN, "an enrolment that the section does not list"),
        ("T8301", ABSENT, "the teacher's own enrolment: no student of the section"),
    ]
    for who, expected, why in rows:
        cases.grade(item, who, expected, why)
    two = cases.item("enrolments-and-more", CREATED, "two codes, in the order of the table", scored=False)
    cases.grade(two, "200001", CREATED)
    cases.grade(two, "200102", failed("STUDENT_NOT_ENROLLED", "NO_SCORE"), grade=None)
    cases.grade(two, "200103", failed("STUDENT_NOT_ENROLLED", "SCORE_INVALID"), grade="-2")
    cases.grade(two, 44779004, failed("STUDENT_NOT_FOUND", "EXCEPTION_UNMAPPED"), grade=None, exception=4)


def _assignees(cases: SchoologyCases) -> None:
    first, second, third = (cases.seats[MAIN, number] for number in ("200001", "200002", "200003"))
    forms: list[tuple[str, Any]] = [
        ("list", [first, str(second)]),
        ("text", f'["{first}", {second}]'),
        ("list-of-one", [str(first)]),
    ]
    for name, assignees in forms:
        item = cases.item(f"assignees-{name}", CREATED, "given to named enrolments", scored=False, assignees=assignees)
        cases.grade(item, "200001", CREATED)
        cases.grade(item, "200002", OTHERS if name == "list-of-one" else CREATED)
        cases.grade(item, "200003", OTHERS)
        cases.grade(item, "200004", skipped("NOT_ASSIGNED_TO_STUDENT", "NO_SCORE"), grade=None)
        cases.grade(item, "200102", failed("STUDENT_NOT_ENROLLED", "NOT_ASSIGNED_TO_STUDENT"))
    for name, assignees in (("empty-list", []), ("empty-text", ""), ("text-of-an-empty-list", "[]")):
        item = cases.item(f"assignees-{name}", CREATED, "given to everyone", scored=False, assignees=assignees)
        cases.grade(item, "200001", CREATED)
        cases.grade(item, third, CREATED)


def _superseded(cases: SchoologyCases) -> None:
    item = cases.item("superseded", CREATED, "two enrolments of one student: the newest counts", scored=False)
    gone, first, second = skipped("SUPERSEDED"), GRADED, GRADED + 86400
    invalid = failed("SOURCE_RECORD_INVALID")
    rows: list[tuple[str, str, Expected, dict[str, Any], Expected, dict[str, Any]]] = [
        # student, why, the old enrolment's grade, the new one's
        ("200001", "newer", gone, {"timestamp": first}, CREATED, {"timestamp": second}),
        ("200002", "the archived one is newer", CREATED, {"timestamp": second}, gone, {"timestamp": first}),
        ("200003", "one moment: ids are numbers, and the higher one counts", gone, {}, CREATED, {}),
        ("200004", "the newest fails", gone, {}, NONE, {"timestamp": second, "grade": None}),
        (
            "200005",
            "the newest is not mapped",
            gone,
            {},
            UNMAPPED,
            {"timestamp": second, "exception": 4, "grade": None},
        ),
        ("200006", "the newest cannot be read", CREATED, {}, invalid, {"timestamp": second, "grade": [8]}),
        (
            "200007",
            "the older one fails as well",
            skipped("SUPERSEDED", "SCORE_INVALID"),
            {"grade": "-3"},
            CREATED,
            {"timestamp": second},
        ),
    ]
    for place, (number, why, old, before, new, after) in enumerate(rows):
        # As texts, 9,770,001 would be the higher one.
        former = cases.enrol(number, key=9770001 + place, status="5")
        cases.grade(item, former, old, why, **{"grade": 3, **before})
        cases.grade(item, number, new, why, **{"grade": 9, **after})
    for key in (44779005, 44779006):
        cases.grade(item, cases.enrol("", key=key), UNKNOWN, "without a number they do not compete")
