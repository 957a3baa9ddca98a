"""The small district's PowerSchool: two schools, sections with odd dates, teachers with odd gradebooks."""

from sandbox.district import (
    District,
    Enrollment,
    GradingPeriod,
    School,
    Section,
    SectionTeacher,
    Student,
    TeacherAssignment,
    TeacherCategory,
)

YEAR, SEMESTER, SPRING, OVERLAPPING, SHORT, LAST_YEAR = 3600, 3601, 3602, 3603, 3605, 3500
FIRST, LAST, EXIT = "2026-08-10", "2027-06-04", "2027-06-05"
ORDINARY = range(86001, 86061)
LARGE_CLASS = range(300001, 300206)

SECTIONS = [
    # dcid, school, term, course, first day, last day
    (84001, 101, LAST_YEAR, "Algebra 1", "2025-08-11", "2026-06-05"),
    (85001, 101, YEAR, "Algebra 1", FIRST, LAST),
    (85002, 101, SEMESTER, "Biology", FIRST, "2026-12-18"),
    (85003, 101, SHORT, "Keyboarding", "2026-09-08", "2026-10-09"),
    (85004, 101, YEAR, "Advisory", FIRST, LAST),
    (85005, 102, YEAR, "English 9", FIRST, LAST),
    (85006, 102, OVERLAPPING, "Chemistry", FIRST, LAST),
    (85007, 101, SPRING, "Civics", FIRST, LAST),
    (85008, 101, YEAR, "Geometry", FIRST, LAST),
    (85009, 101, YEAR, "Assembly", FIRST, LAST),
    (85010, 101, YEAR, "Study Hall", FIRST, LAST),
    (85011, 101, YEAR, "Algebra 2", FIRST, LAST),
    (85012, 101, YEAR, "Statistics", FIRST, LAST),
]
# Who teaches the cases' sections: section, user, role, last day (none: still).
TEACHERS = [
    (84001, 8301, "lead", "2026-06-05"),
    (85001, 8301, "lead", None),
    (85001, 8302, "co", None),
    (85001, 8304, "co", "2026-09-30"),
    (85001, 8307, "co", None),
    (85001, 8308, "co", None),
    (85001, 8309, "co", None),
    (85001, 8310, "co", None),
    (85001, 8311, "co", None),
    (85002, 8301, "lead", None),
    (85002, 8305, "co", None),
    (85003, 8301, "lead", None),
    (85004, 8301, "lead", None),
    (85007, 8301, "lead", None),
    (85008, 8301, "lead", None),
    (85009, 8301, "lead", None),
    (85005, 8303, "lead", None),
    (85005, 8306, "co", None),
    (85006, 8303, "lead", None),
    # Nobody leads it now; two lead it; one leads it and takes part in no Otus group.
    (85010, 8302, "co", None),
    (85010, 8304, "lead", "2026-09-30"),
    (85011, 8311, "lead", None),
    (85011, 8301, "lead", None),
    (85011, 8302, "co", None),
    (85012, 8307, "lead", None),
]
ALL = ("Quizzes", "Tests", "Homework", "Daily Work")
# A teacher's own copies: (user, year, active names, inactive names). Who is not here has all four, active.
CATEGORIES: list[tuple[int, int, tuple[str, ...], tuple[str, ...]]] = [
    (8301, 36, ("Quizzes", "Tests"), ("Homework",)),
    (8302, 36, ("Quizzes", "Tests"), ()),
    (8302, 35, ALL, ()),
    (8303, 36, ("Daily Work", "Tests", "Homework"), ()),
    (8306, 36, ("Quizzes", "Tests"), ()),
    (8308, 36, ("quizzes", "Tests"), ()),
]
OTHER_TEACHERS = (8304, 8305, 8307, 8309, 8310, 8311, *range(8401, 8461))

Q1 = ("Q1", "2026-08-17", "2026-10-16")
REST = [
    ("Q2", "2026-10-19", "2026-12-18"),
    ("Q3", "2027-01-05", "2027-03-12"),
    ("Q4", "2027-03-15", "2027-06-04"),
    ("S1", "2026-08-17", "2026-12-18"),
    ("S2", "2027-01-05", "2027-06-04"),
    ("Y1", "2026-08-17", "2027-06-04"),
]
PERIODS = {
    (101, YEAR): [Q1, *REST],
    (102, YEAR): [("Q1", "2026-08-17", "2026-10-23"), ("Q2", "2026-10-26", "2026-12-18"), *REST[1:]],
    # A semester's own first quarter runs a week longer than the year's.
    (101, SEMESTER): [("Q1", "2026-08-17", "2026-10-23"), ("Q2", "2026-10-26", "2026-12-18"), REST[3]],
    # In spring's term no grading period is current in October.
    (101, SPRING): [REST[1], REST[2], REST[4]],
    # Two grading periods are current on 2026-10-15.
    (102, OVERLAPPING): [Q1, ("Q2", "2026-10-12", "2026-12-18"), *REST[1:]],
}
# Stays in 85001 on both sides of 2026-10-15: student number → (entry, exit, dropped) each.
STAYS: dict[str, list[tuple[str, str, bool]]] = {
    "200101": [("2026-10-15", EXIT, False)],
    "200102": [("2026-10-16", EXIT, False)],
    "200103": [("2026-08-17", "2026-10-15", False)],
    "200104": [("2026-08-17", "2026-10-16", False)],
    "200105": [("2026-08-17", EXIT, True)],
    "200106": [("2026-08-17", "2026-09-15", True), ("2026-09-28", EXIT, False)],
    "200107": [("2026-08-17", "2026-09-15", False), ("2026-10-01", EXIT, False)],
    "200108": [("2026-08-17", "2026-09-15", False), ("2026-10-20", EXIT, False)],
    "200109": [("2026-10-15", "2026-10-15", False)],
    "000451": [("2026-08-17", EXIT, False)],
    "452": [("2026-08-17", EXIT, False)],
}
MAIN_STUDENTS = range(200001, 200031)
ELSEWHERE = "200201"  # enrolled in 85008 only


def ordinary_students(section_dcid: int) -> list[str]:
    """Give the four student numbers of an ordinary section."""
    first = 210001 + (section_dcid - ORDINARY.start) * 4
    return [str(number) for number in range(first, first + 4)]


def small_roster() -> District:
    """Build PowerSchool's side of the small district; the sources' side is still empty."""
    sections = [
        Section(dcid, dcid - 80000, school, term, course, f"{dcid % 100:02d}", first, last)
        for dcid, school, term, course, first, last in SECTIONS
    ]
    sections += [
        Section(dcid, dcid - 80000, school_of(dcid), YEAR, "Mathematics", str(dcid % 1000), FIRST, LAST)
        for dcid in ORDINARY
    ]
    students: dict[str, Student] = {}
    stays = _enrollments(students)
    return District(
        schools=[School(101, "North School"), School(102, "South School")],
        sections=sections,
        section_teachers=_section_teachers(),
        students=list(students.values()),
        enrollments=stays,
        teacher_categories=_teacher_categories(),
        grading_periods=[
            GradingPeriod(school, term, code, first, last)
            for (school, term), rows in PERIODS.items()
            for code, first, last in rows
        ],
        teacher_assignments=[
            TeacherAssignment(
                85001,
                8301,
                "Warm-up",
                "2026-09-04",
                5,
                "Quizzes",
                "Made by hand",
                {students["200001"].student_dcid: 4, students["200002"].student_dcid: 4.5},
            ),
            TeacherAssignment(85002, 8301, "Field notebook", "2026-10-30", 20, "Tests"),
        ],
    )


def school_of(section_dcid: int) -> int:
    """Give an ordinary section's school: the first thirty are 101's."""
    return 101 if section_dcid < ORDINARY.start + 30 else 102


def _section_teachers() -> list[SectionTeacher]:
    rows = [SectionTeacher(s, user, f"T{user}", role, "2025-08-01", end) for s, user, role, end in TEACHERS]
    return rows + [SectionTeacher(s, s - 77600, f"T{s - 77600}", "lead", "2025-08-01") for s in ORDINARY]


def _teacher_categories() -> list[TeacherCategory]:
    copies = [*CATEGORIES, *((user, 36, ALL, ()) for user in OTHER_TEACHERS)]
    rows: list[TeacherCategory] = []
    for user, year, active, inactive in copies:
        for name in (*active, *inactive):
            district = ALL.index(name) + 1 if name in ALL else 0
            rows.append(TeacherCategory(user, 4301 + len(rows), name, year, name in active, district))
    return rows


def _enrollments(students: dict[str, Student]) -> list[Enrollment]:
    """Enrol everybody, filling `students` by number on the way."""
    rows: list[Enrollment] = []

    def enroll(section: int, number: str, entry: str = "2026-08-17", leave: str = EXIT, dropped: bool = False) -> None:
        student = students.setdefault(number, Student(81001 + len(students), number))
        rows.append(Enrollment(section, student.student_dcid, entry, leave, dropped))

    for section, _, term, *_ in SECTIONS:
        for main in MAIN_STUDENTS if section == 85001 else MAIN_STUDENTS[:6]:
            if term != LAST_YEAR:
                enroll(section, str(main))
    for number, stays in STAYS.items():
        for entry, leave, dropped in stays:
            enroll(85001, number, entry, leave, dropped)
    enroll(85008, ELSEWHERE)
    for member in LARGE_CLASS:
        enroll(85009, str(member))
    for section in ORDINARY:
        for number in ordinary_students(section):
            enroll(section, number)
    return rows
