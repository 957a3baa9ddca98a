"""The small district's Otus: teachers, students, classes, and the ordinary work that surrounds the cases."""

from sandbox.small.builder import CREATED, Cases
from sandbox.small.roster import ELSEWHERE, LARGE_CLASS, MAIN_STUDENTS, ORDINARY, STAYS, ordinary_students, school_of

GROUP = "PowerSchool Gradebook Passback"


def add_people(cases: Cases) -> None:
    """Add everybody whom the cases name, and the classes."""
    grouped = {
        "u-lead": "8301",
        "u-co": "8302",
        "u-south": "8303",
        "u-ended": "8304",
        "u-elsewhere": "8305",
        "u-south-co": "8306",
        "u-lower-case": "8308",
        "u-unknown-in-sis": "8999",
        "u-leading-zeros": "08311",
    }
    for key, sis_id in grouped.items():
        cases.user(key, sis_id, "co_teacher" if key.endswith("co") else "teacher", ("Staff", GROUP))
    cases.user("u-not-in-group", "8307", groups=("Staff",))
    cases.user("u-group-spelt-otherwise", "8310", groups=(GROUP.lower(),))
    cases.user("u-admin-in-sis", "8309", "administrator", (GROUP,))
    cases.user("u-admin", None, "administrator")
    cases.user("u-admin-in-group", None, "administrator", (GROUP,))
    for number in (*map(str, MAIN_STUDENTS), *STAYS, ELSEWHERE):
        cases.student(f"st-{number}", "00452" if number == "452" else number)
    cases.student("st-no-number", None)
    cases.student("st-empty-number", "")
    cases.student("st-unknown-number", "299999")
    cases.student("st-twin-account", "200005")
    _add_classes(cases)


def _add_classes(cases: Cases) -> None:
    first = f"st-{MAIN_STUDENTS.start}"
    sections = {
        "c-main": "85001",
        "c-semester": "85002",
        "c-short": "85003",
        "c-opted-out": "85004",
        "c-spring": "85007",
        "c-leading-zeros": "085008",
        "c-large": "85009",
        "c-last-year": "84001",
        "c-unknown-section": "99999",
        "c-section-no-number": "none yet",
        "c-no-section": None,
    }
    for key, section in sections.items():
        cases.school_class(key, section, first)
    cases.school_class("c-south", "85005", first, "102")
    cases.school_class("c-overlapping", "85006", first, "102")
    cases.school_class("c-deleted", "85001", first, deleted=True)


def add_ordinary_work(cases: Cases) -> None:
    """Add two plain items of four plain scores to each of sixty sections, and one item with 205 scores."""
    for place, section in enumerate(ORDINARY):
        teacher, numbers = f"u-{section - 77600}", ordinary_students(section)
        cases.user(teacher, str(section - 77600), groups=(GROUP,))
        for number in numbers:
            cases.student(f"st-{number}", number)
        cases.school_class(
            f"c-{section}", str(section), f"st-{numbers[0]}", str(school_of(section)), teacher_ids=[teacher]
        )
        for turn, kind in enumerate(("Quiz", "Test")):
            day = 1 + (place * 2 + turn) % 28
            key = cases.item(
                f"ordinary-{section}-{turn + 1}",
                CREATED,
                "nothing special",
                of=f"c-{section}",
                by=teacher,
                assessment={"assessment_type": kind, "points_possible": 20 + turn * 5},
                due_date=f"2026-09-{day:02d}",
                assigned_at="2026-08-27T14:00:00Z",
                scored=False,
            )
            for seat, number in enumerate(numbers):
                cases.score(key, f"st-{number}", CREATED, points=12 + (place + seat) % 9 + turn * 0.5)
    large = cases.item("large-class", CREATED, "more scores than one call may hold", of="c-large", scored=False)
    for member in LARGE_CLASS:
        student = cases.student(f"st-{member}", str(member))
        cases.score(large, student, CREATED, points=member % 10)
