"""A district as its systems see it: PowerSchool's roster and gradebook, the content of Otus and of Schoology.

Dates are texts `YYYY-MM-DD` throughout: they sort as days do, and they are what the wires carry.
"""

from pathlib import Path

import msgspec

OTUS_COLLECTIONS = ("users", "students", "classes", "assessments", "assignments", "scores")
SCHOOLOGY_COLLECTIONS = ("items", "grades", "categories", "periods", "enrollments")


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


class SchoologySection(msgspec.Struct):
    """A Schoology section with all that is in it, each record as its JSON bytes: a bad one is served as it is.

    `section_school_code` is PowerSchool's section DCID as text; `items` are grade items, in Schoology's order.
    """

    id: str
    section_school_code: str
    course_title: str = ""
    section_title: str = ""
    active: bool = True
    grading_periods: list[int] = []
    items: list[bytes] = []
    grades: list[bytes] = []
    categories: list[bytes] = []
    periods: list[bytes] = []
    enrollments: list[bytes] = []


class District(msgspec.Struct):
    """Everything that the servers serve; Otus's and Schoology's records are held as their JSON bytes."""

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
    schoology: list[SchoologySection] = []


class _SchoologyFile(msgspec.Struct):
    """A Schoology section on disk: the section as it is, and its records as JSON values."""

    section: SchoologySection
    records: dict[str, list[msgspec.Raw]]


class _DistrictFile(msgspec.Struct):
    """The form on disk: the roster as it is, and the sources' records as JSON values instead of bytes."""

    roster: District
    otus: dict[str, list[msgspec.Raw]]
    schoology: list[_SchoologyFile] = []


def _raw(records: list[bytes]) -> list[msgspec.Raw]:
    return [msgspec.Raw(record) for record in records]


def _to_file(section: SchoologySection) -> _SchoologyFile:
    records = {name: _raw(getattr(section, name)) for name in SCHOOLOGY_COLLECTIONS}
    bare: dict[str, list[bytes]] = {name: [] for name in SCHOOLOGY_COLLECTIONS}
    return _SchoologyFile(msgspec.structs.replace(section, **bare), records)


def _from_file(stored: _SchoologyFile) -> SchoologySection:
    records = {name: [bytes(each) for each in held] for name, held in stored.records.items()}
    return msgspec.structs.replace(stored.section, **records)


def dump_district(district: District, path: Path) -> None:
    """Write the whole district into one JSON file."""
    roster = msgspec.structs.replace(district, otus={}, schoology=[])
    otus = {name: _raw(records) for name, records in district.otus.items()}
    path.write_bytes(msgspec.json.encode(_DistrictFile(roster, otus, [_to_file(each) for each in district.schoology])))


def load_district(path: Path) -> District:
    """Read a district written by `dump_district`; a wrong file raises `msgspec.ValidationError` naming the place."""
    stored = msgspec.json.decode(path.read_bytes(), type=_DistrictFile)
    stored.roster.otus = {name: [bytes(record) for record in records] for name, records in stored.otus.items()}
    for name in OTUS_COLLECTIONS:
        stored.roster.otus.setdefault(name, [])
    stored.roster.schoology = [_from_file(each) for each in stored.schoology]
    return stored.roster
