"""The district that the pages show in the tests: two schools around today, both sources, each status at least once.

A sync judges the day on which its button is pressed, so every date here is counted from today in the district's zone.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from sandbox.district import (
    District,
    Enrollment,
    GradingPeriod,
    School,
    SchoologySection,
    Section,
    SectionTeacher,
    Student,
    TeacherAssignment,
    TeacherCategory,
)
from sandbox.small.builder import CREATED, Cases

ZONE = ZoneInfo("America/Chicago")
YEAR = 3600
ALGEBRA, BIOLOGY, ENGLISH, GEOMETRY = 91001, 91002, 91003, 91004
TEACHER, WITHOUT_HOMEWORK, SOUTH, LEAD = 8301, 8302, 8303, 8304
GROUP = "PowerSchool Gradebook Passback"
STUDENTS = [str(number) for number in range(200001, 200005)]
ORDINARY = 120
HTML_TITLE = "<b>Ratios</b> & <img src=x onerror=alert(1)>"

# What the guide of Schoology's own passback app shows, item by item.
WORKSHEET, HOMEWORK, PRACTICE = "Segments and Angles Worksheet", "Unit 5 Homework", "In-Class Practice Problems"
SCHOOLOGY_SECTION = "4318461"
CATEGORY_REQUIRED = "A category is required. To sync, first assign a category to this assignment, then sync again."


def today() -> dt.date:
    """The district's day."""
    return dt.datetime.now(ZONE).date()


def day(offset: int = 0) -> str:
    return (today() + dt.timedelta(days=offset)).isoformat()


def build() -> District:
    """The whole district anew."""
    district = _roster()
    district.otus = _otus().records
    district.schoology = [_schoology()]
    return district


def _roster() -> District:
    sections = [
        (ALGEBRA, 101, "Algebra 1", TEACHER),
        (BIOLOGY, 101, "Biology", WITHOUT_HOMEWORK),
        (ENGLISH, 102, "English 9", SOUTH),
        (GEOMETRY, 101, "Geometry", LEAD),
    ]
    students = [Student(81000 + place, number) for place, number in enumerate(STUDENTS)]
    names = ("Quizzes", "Tests", "Homework", "Daily Work")
    lacking = (WITHOUT_HOMEWORK, "Homework")
    return District(
        schools=[School(101, "North School"), School(102, "South School")],
        sections=[
            Section(dcid, dcid - 80000, school, YEAR, course, str(dcid % 10), day(-60), day(120))
            for dcid, school, course, _ in sections
        ],
        section_teachers=[SectionTeacher(dcid, user, f"T{user}", "lead", day(-60)) for dcid, _, _, user in sections],
        students=students,
        enrollments=[
            Enrollment(dcid, student.student_dcid, day(-50), day(121)) for dcid, *_ in sections for student in students
        ],
        teacher_categories=[
            TeacherCategory(user, 10 * user + place, name, YEAR // 100, (user, name) != lacking, 1 + place)
            for *_, user in sections
            for place, name in enumerate(names)
        ],
        grading_periods=[GradingPeriod(school, YEAR, "Q2", day(-40), day(60)) for school in (101, 102)],
        # An assignment with the mark of an item that the ledger does not know: the item is held.
        teacher_assignments=[
            TeacherAssignment(ALGEBRA, TEACHER, "Slopes", day(1), 10, "Quizzes", "Passback otus marked-before")
        ],
    )  # fmt: skip


def _otus() -> Cases:
    cases = Cases()
    for number in STUDENTS:
        cases.student(f"st-{number}", number)
    for key, user in {"u-north": TEACHER, "u-biology": WITHOUT_HOMEWORK, "u-south": SOUTH}.items():
        cases.user(key, str(user), groups=(GROUP,))
    for key, section, school in (
        ("c-algebra", ALGEBRA, "101"),
        ("c-biology", BIOLOGY, "101"),
        ("c-english", ENGLISH, "102"),
    ):
        cases.school_class(key, str(section), f"st-{STUDENTS[0]}", school)
    _item(cases, "fractions", "Fractions quiz")
    _item(cases, "decimals", "Decimals quiz")
    _item(cases, "opt-me-out", "Optional puzzle")
    _item(cases, "html", HTML_TITLE)
    # Enough scores in the school that one corrected score is no mass change.
    for number in STUDENTS[1:]:
        cases.score("html", f"st-{number}", CREATED)
    _item(cases, "no-total", "Percentages quiz", points_possible=None)
    _item(cases, "project", "Poster", assessment_type="Project")
    _item(cases, "reading", "Reading list", include_in_final_grade=False)
    _item(cases, "marked-before", "Slopes again")
    _item(cases, "leaf", "Leaf collection", of="c-biology", by="u-biology", assessment_type="Homework")
    for number in range(ORDINARY):
        _item(cases, f"essay-{number:03d}", f"Essay {number:03d}", of="c-english", by="u-south", assessment_type="Test")
    return cases


def _item(cases: Cases, key: str, title: str, *, of: str = "c-algebra", by: str = "u-north", **changes: object) -> None:
    """An item due tomorrow with one score of 8, unless changed."""
    counted = {name: changes.pop(name) for name in ("include_in_final_grade",) if name in changes}
    moment = f"{day(-3)}T15:00:00Z"
    assessment = {"title": title, "created_at": moment, **changes}
    cases.item(key, CREATED, title, of=of, by=by, assessment=assessment, assigned_at=moment, due_date=day(1), **counted)


def grade_item(number: int, title: str, category: str = "4371") -> dict[str, object]:
    """A grade item of Schoology as it is served; category "0" is none."""
    return {
        "id": number,
        "title": title,
        "description": "",
        "due": f"{day(1)} 23:59:00",
        "grading_scale": "0",
        "grading_period": "435",
        "grading_category": category,
        "max_points": "20",
        "factor": "1.00",
        "is_final": 0,
        "published": 1,
        "type": "assignment",
        "grade_item_id": number,
        "assignees": [],
    }


def _schoology() -> SchoologySection:
    enrollments = [
        {"id": str(44783000 + place), "uid": str(48000 + place), "school_uid": number, "admin": 0, "status": "1"}
        for place, number in enumerate(STUDENTS)
    ]
    items = [grade_item(9001, WORKSHEET, "0"), grade_item(9002, PRACTICE)]
    grades = [
        {
            "enrollment_id": enrollments[0]["id"],
            "assignment_id": item["id"],
            "grade": "17.5",
            "exception": 0,
            "max_points": "20",
            "is_final": 0,
            "timestamp": 1790000000,
            "comment": "",
            "type": "assignment",
        }
        for item in items
    ]
    period = {"id": "435", "title": "Q2", "start": f"{day(-40)} 00:00:00", "end": f"{day(60)} 00:00:00"}
    held = {
        "items": items,
        "grades": grades,
        "categories": [{"id": 4371, "title": "Tests"}],
        "periods": [period],
        "enrollments": enrollments,
    }
    records = {name: [msgspec.json.encode(record) for record in rows] for name, rows in held.items()}
    return SchoologySection(SCHOOLOGY_SECTION, str(GEOMETRY), "Geometry", "Section 4", grading_periods=[435], **records)
