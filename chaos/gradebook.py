"""The small gradebook of the stage driver, and what people do to it between and during its nights."""

from __future__ import annotations

from sandbox.district import (
    District,
    Enrollment,
    GradingPeriod,
    School,
    Section,
    SectionTeacher,
    Student,
    TeacherCategory,
)
from sandbox.server import Sandbox
from sandbox.small.builder import CREATED, Cases
from sandbox.small.schoology_builder import SchoologyCases

AS_OF = "2026-10-15"
YEAR = 3600
FIRST, LAST, EXIT = "2026-08-10", "2027-06-04", "2027-06-05"
STUDENTS = ("1001", "1002", "1003")
ALGEBRA, BIOLOGY, CIVICS, DRAMA = 85001, 85002, 85003, 85201
SECTIONS = ((ALGEBRA, 101, "Algebra 1"), (BIOLOGY, 101, "Biology"), (CIVICS, 101, "Civics"), (DRAMA, 102, "Drama"))
CLASSES = {"algebra": ALGEBRA, "biology": BIOLOGY, "drama": DRAMA}
ITEMS = (("quiz", "algebra"), ("essay", "algebra"), ("poster", "algebra"), ("lab", "biology"), ("play", "drama"))
SCHOOLOGY_SECTION, CHART, GLOBE = "4318401", 9201, 9202
CATEGORIES = ("Quizzes", "Tests", "Homework", "Daily Work")
SETTINGS = """\
name = "Chaos Unified"
time_zone = "America/Chicago"
effective_date = 2026-08-24

[categories.otus]
Quiz = "Quizzes"
Test = "Tests"
Homework = "Homework"

[categories.schoology]
Tests = "Tests"
Quizzes = "Quizzes"

# In so small a district every change is a mass change; the guard has its own tests.
[guard]
scores_changed_share = 1
scores_halved_share = 1

# Several calls an item; one request at a time (in most schedules), so that the places come in one order.
[batches]
score_rows = 2

[delivery]
in_flight = {in_flight}
settle_seconds = {settle_seconds}
"""


def district() -> District:
    """Two schools, four sections, three students in all of them, five items in Otus and two in Schoology."""
    otus, schoology = _otus(), _schoology()
    return District(
        schools=[School(101, "North High"), School(102, "South High")],
        sections=[
            Section(dcid, dcid - 80000, school, YEAR, course, "1", FIRST, LAST) for dcid, school, course in SECTIONS
        ],
        section_teachers=[
            SectionTeacher(dcid, user, f"T{user}", role, FIRST)
            for dcid, *_ in SECTIONS
            for user, role in ((8301, "lead"), (8302, "co"))
        ],
        students=[Student(int(number) + 80000, number) for number in STUDENTS],
        enrollments=[
            Enrollment(dcid, int(number) + 80000, FIRST, EXIT) for dcid, *_ in SECTIONS for number in STUDENTS
        ],
        teacher_categories=[
            TeacherCategory(user, user * 10 + place, name, YEAR // 100)
            for user in (8301, 8302)
            for place, name in enumerate(CATEGORIES)
        ],
        grading_periods=[GradingPeriod(school, YEAR, "Q1", "2026-08-17", "2026-10-16") for school in (101, 102)],
        otus=otus.records,
        schoology=schoology.sections,
    )


def _otus() -> Cases:
    cases = Cases()
    group = ("PowerSchool Gradebook Passback",)
    cases.user("lead", "8301", groups=group)
    cases.user("co", "8302", groups=group)
    for number in STUDENTS:
        cases.student(f"st-{number}", number)
    for name, dcid in CLASSES.items():
        school = str(next(school for section, school, _ in SECTIONS if section == dcid))
        cases.school_class(name, str(dcid), f"st-{STUDENTS[0]}", school_id=school)
    for item, of in ITEMS:
        cases.item(item, CREATED, "", of=of, by="lead", scored=False)
        for number in STUDENTS:
            cases.score(item, f"st-{number}", CREATED)
    # It has no score yet: the second night creates it.
    cases.item("report", CREATED, "", of="biology", by="co", scored=False)
    return cases


def _schoology() -> SchoologyCases:
    cases = SchoologyCases()
    cases.section(SCHOOLOGY_SECTION, str(CIVICS), list(STUDENTS), ("Tests", "Quizzes"))
    for name, number in (("chart", CHART), ("globe", GLOBE)):
        key = cases.item(name, CREATED, "", number=number, scored=False)
        for student in STUDENTS[:2]:
            cases.grade(key, student, CREATED)
    return cases


def between_the_nights(box: Sandbox) -> None:
    """A day of work on both sides: changes in the sources, edits, a deletion and new work."""
    otus, powerschool = box.control.otus, box.control.powerschool
    # Plain changes: a score, a title with its total (all scores go again), a due date, a new item.
    otus.edit("scores", "quiz.1001", points=9)
    otus.edit("assessments", "as-essay", title="Essay on heat", points_possible=12)
    otus.edit("scores", "essay.1001", points=6)
    otus.edit("assignments", "play", due_date="2026-09-25")
    for number in STUDENTS:
        score = {"id": f"report.{number}", "assignment_id": "report", "student_id": f"st-{number}", "points": 7}
        otus.upsert("scores", {**score, "deleted": False, "status": "graded", **NOT_FLAGGED})
    box.control.schoology.grade(SCHOOLOGY_SECTION, CHART, _seat(box, "1001"), grade=6)
    box.control.schoology.grade(SCHOOLOGY_SECTION, GLOBE, _seat(box, "1003"), exception=2)
    # Both sides: a score and a due date that the source wins, a category that the teacher keeps, a deleted assignment.
    otus.edit("scores", "quiz.1002", points=5)
    powerschool.edit_score("quiz", "1002", 6)
    otus.edit("assignments", "lab", due_date="2026-09-30")
    otus.edit("assessments", "as-lab", assessment_type="Test")
    powerschool.edit_assignment("lab", due_date="2026-09-21", category="Homework")
    otus.edit("scores", "poster.1001", points=4)
    powerschool.delete_assignment("poster")
    # A teacher's own: nothing of it may be touched, nor of what the new title would send again.
    powerschool.edit_score("play", "1001", 3)
    powerschool.edit_score("essay", "1003", 2)


def a_later_day(box: Sandbox) -> None:
    """What was new a moment ago is old: another score, another title, another due date."""
    otus = box.control.otus
    otus.edit("scores", "quiz.1001", points=4)
    otus.edit("scores", "quiz.1003", points=10)
    otus.edit("assessments", "as-essay", title="Essay on light", points_possible=15)
    otus.edit("assignments", "play", due_date="2026-10-02")


def after_the_roster(box: Sandbox) -> None:
    """A student leaves between the second night's roster and its writes: PowerSchool refuses the scores."""
    box.control.powerschool.student_leaves(BIOLOGY, "1003")


NOT_FLAGGED = {"excluded": False, "excused": False, "missing": False}


def _seat(box: Sandbox, number: str) -> int:
    seats = box.control.schoology.read(SCHOOLOGY_SECTION, "enrollments")
    return next(int(seat["id"]) for seat in seats if str(seat["school_uid"]) == number)
