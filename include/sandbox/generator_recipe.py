"""What a generated district is made from: its size, its calendar, and the shares of what does not pass."""

from datetime import date
from typing import NamedTuple

SECTIONS_PER_TEACHER = 5
MOST_STUDENTS = 100_000
TOPICS = ("Ratios", "Forces", "Cells", "Poetry", "Maps", "Fractions", "Energy", "Rivers", "Essays", "Angles")


class Size(NamedTuple):
    """How large a district is; `scores` is exact, the rest follows."""

    schools: int
    sections: int
    items: int
    scores: int
    students_per_section: int
    sections_per_student: int

    @property
    def teachers(self) -> int:
        """Count the teachers: one for every five sections."""
        return -(-self.sections // SECTIONS_PER_TEACHER)

    def student(self, section: int, seat: int) -> int:
        """Number the student on a seat: neighbouring sections share their students."""
        return section // self.sections_per_student * self.students_per_section + seat

    @property
    def students(self) -> int:
        """Count the students."""
        return self.student(self.sections - 1, self.students_per_section - 1) + 1


class Calendar(NamedTuple):
    """The days of the school year that holds the as-of day."""

    year: int
    as_of: str

    @classmethod
    def of(cls, as_of: str) -> "Calendar":
        """Find the school year (from 1 July) of a day."""
        day = date.fromisoformat(as_of)
        return cls(day.year if day.month >= 7 else day.year - 1, as_of)

    def fall(self, month_day: str) -> str:
        """Give a day before New Year."""
        return f"{self.year}-{month_day}"

    def spring(self, month_day: str) -> str:
        """Give a day after New Year."""
        return f"{self.year + 1}-{month_day}"

    @property
    def term_id(self) -> int:
        """Give the year's TERMS.ID: 3600 is 2026-27."""
        return (self.year - 1990) * 100

    def periods(self) -> list[tuple[str, str, str]]:
        """List the reporting terms: store code, first day, last day."""
        return [
            ("Q1", self.fall("08-17"), self.fall("10-16")),
            ("Q2", self.fall("10-19"), self.fall("12-18")),
            ("Q3", self.spring("01-05"), self.spring("03-12")),
            ("Q4", self.spring("03-15"), self.spring("06-04")),
            ("S1", self.fall("08-17"), self.fall("12-18")),
            ("S2", self.spring("01-05"), self.spring("06-04")),
            ("Y1", self.fall("08-17"), self.spring("06-04")),
        ]

    def current(self) -> tuple[str, str]:
        """Give the first and last day of the quarter that holds the as-of day, else of the first."""
        quarters = self.periods()[:4]
        holding = [(first, last) for _, first, last in quarters if first <= self.as_of <= last]
        return holding[0] if holding else quarters[0][1:]


class Mix(NamedTuple):
    """The shares of what does not pass, of all items and of all scores; `as_text`: of Schoology's grades, as texts."""

    not_in_final_grade: float = 0.03
    standards: float = 0.02
    fraction: float = 0.02
    unmapped: float = 0.02
    deleted_item: float = 0.005
    no_due_date: float = 0.03
    outside_period: float = 0.02
    not_started: float = 0.08
    in_progress: float = 0.04
    turned_in: float = 0.04
    excluded: float = 0.03
    without_points: float = 0.015
    above_total: float = 0.005
    dropped: float = 0.004
    unpublished: float = 0.02
    no_category: float = 0.015
    without_grade: float = 0.1
    excused: float = 0.01
    incomplete: float = 0.005
    missing: float = 0.015
    as_text: float = 0.5


REALISTIC = Mix()
CLEAN = Mix(*[0.0] * len(Mix._fields))


class Recipe(NamedTuple):
    """All of it together; of each section's items, the first `otus_items` are Otus's and the others Schoology's."""

    size: Size
    calendar: Calendar
    items_per_section: int
    mix: Mix
    otus_items: int
