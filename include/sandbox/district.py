"""A district as both systems see it: PowerSchool's roster and gradebook, and the content of Otus.

Dates are texts `YYYY-MM-DD` throughout: they sort as days do, and they are what both wires carry.
"""

from pathlib import Path

import msgspec

OTUS_COLLECTIONS = ("users", "students", "classes", "assessments", "assignments", "scores")


class School(msgspec.Struct):
    """A school by its number, as people know it."""

    school_number: int
    school_name: str


class Section(msgspec.Struct):
    """One section of a course; `term_id` is TERMS.ID, and `first_day`/`last_day` are the term's."""

    section_dcid: int
    section_id: int
    school_number: int
    term_id: int
    course_name: str
    section_number: str
    first_day: str
    last_day: str


class SectionTeacher(msgspec.Struct):
    """One teacher of one section, `lead` or `co`; both dates belong to it, and no `end_date` means still teaching."""

    section_dcid: int
    users_dcid: int
    teacher_number: str
    role: str
    start_date: str
    end_date: str | None = None


class Student(msgspec.Struct, gc=False):
    """A student: PowerSchool's key, and the number that people and Otus know. There are no names anywhere."""

    student_dcid: int
    student_number: str


class Enrollment(msgspec.Struct, gc=False):
    """One stay of a student in a section; the exit day no longer belongs to it."""

    section_dcid: int
    student_dcid: int
    entry_date: str
    exit_date: str
    dropped: bool = False


class TeacherCategory(msgspec.Struct):
    """A teacher's own copy of a district category in one school year (`year_id` 36 is 2026-27)."""

    users_dcid: int
    teacher_category_id: int
    name: str
    year_id: int
    is_active: bool = True
    district_category_id: int = 0


class GradingPeriod(msgspec.Struct):
    """A reporting term of a school's term: `Q1`, `S1`, `Y1`; both days belong to it."""

    school_number: int
    term_id: int
    store_code: str
    first_day: str
    last_day: str


class TeacherAssignment(msgspec.Struct):
    """An assignment that a teacher made by hand before the first night, with points by student DCID."""

    section_dcid: int
    users_dcid: int
    name: str
    due_date: str
    total_points: float
    category: str
    description: str = ""
    scores: dict[int, float] = {}


class District(msgspec.Struct):
    """Everything that the two servers serve; `otus` holds each record of a collection as its JSON bytes."""

    schools: list[School]
    sections: list[Section]
    section_teachers: list[SectionTeacher]
    students: list[Student]
    enrollments: list[Enrollment]
    teacher_categories: list[TeacherCategory]
    grading_periods: list[GradingPeriod]
    teacher_assignments: list[TeacherAssignment] = []
    time_zone: str = "America/Chicago"
    otus: dict[str, list[bytes]] = msgspec.field(default_factory=lambda: {name: [] for name in OTUS_COLLECTIONS})


class _DistrictFile(msgspec.Struct):
    """The form on disk: the roster as it is, and Otus's records as JSON values instead of bytes."""

    roster: District
    otus: dict[str, list[msgspec.Raw]]


def dump_district(district: District, path: Path) -> None:
    """Write the whole district into one JSON file."""
    roster = msgspec.structs.replace(district, otus={})
    otus = {name: [msgspec.Raw(record) for record in records] for name, records in district.otus.items()}
    path.write_bytes(msgspec.json.encode(_DistrictFile(roster, otus)))


def load_district(path: Path) -> District:
    """Read a district written by `dump_district`; a wrong file raises `msgspec.ValidationError` naming the place."""
    stored = msgspec.json.decode(path.read_bytes(), type=_DistrictFile)
    stored.roster.otus = {name: [bytes(record) for record in records] for name, records in stored.otus.items()}
    for name in OTUS_COLLECTIONS:
        stored.roster.otus.setdefault(name, [])
    return stored.roster
