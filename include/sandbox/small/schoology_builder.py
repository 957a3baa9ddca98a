"""How a Schoology case is written down: a grade item or a grade, and beside it what its first night must say of it."""

from itertools import count
from typing import Any

import msgspec

from sandbox.district import SchoologySection
from sandbox.small.builder import CREATED, Expectations, Expected, inherited

MAIN = "4318401"
DUE = "2026-09-18 23:59:00"
GRADED = 1791633600  # 2026-10-10 12:00 UTC
TOPICS = (
    "Linear Equations", "Slope", "Functions", "Inequalities", "Exponents", "Radicals", "Polynomials", "Factoring",
    "Quadratics", "Probability", "Statistics", "Sequences", "Ratios", "Percents", "Angles", "Triangles", "Circles",
    "Vectors", "Matrices", "Logarithms",
)  # fmt: skip
FORMS = (
    "Quiz", "Worksheet", "Exit Ticket", "Practice Set", "Unit Test", "Check-In", "Review", "Problem Set",
    "Discussion", "Project", "Warm-Up", "Notes", "Homework", "Retake", "Group Work",
)  # fmt: skip
KINDS = ("assignment", "assessment", "discussion")
Id = int | str


class SchoologyCases:
    """Schoology's content as it is written down case by case, with the expectations beside it.

    An item's key is `<section id>:<grade item id>`, a score's `<item key>:<enrolment id>`; `said.keys` has the item
    keys by the names of their cases.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sections: list[SchoologySection] = []
        self.said = Expectations()
        self.seats: dict[tuple[str, str], int] = {}
        self._held: dict[str, SchoologySection] = {}
        self._categories: dict[tuple[str, str], int] = {}
        self._titles = (f"{topic} {form}" for form in FORMS for topic in TOPICS)
        self._items, self._enrolments = count(9201), count(44780001)

    def section(
        self, key: str, code: str, numbers: list[str], categories: tuple[str, ...], *, active: bool = True
    ) -> None:
        """Add a section with its categories and an active enrolment of each student; the first one's is the default."""
        held = SchoologySection(key, code, "Mathematics", f"Period {int(key) % 7 + 1}", active)
        self.sections.append(held)
        self._held[key] = held
        for place, title in enumerate(categories):
            self._categories[key, title] = int(key) % 100000 * 10 + place
            self.record(key, "categories", {"id": self._categories[key, title], "title": title})
        for number in numbers:
            self.seats.setdefault((key, ""), self.enrol(number, of=key))

    def period(self, of: str, key: int, title: str, start: str, end: str) -> None:
        """Add a grading period to a section."""
        self._held[of].grading_periods.append(key)
        self.record(of, "periods", {"id": key, "title": title, "start": f"{start} 00:00:00", "end": f"{end} 00:00:00"})

    def record(self, section: str, collection: str, value: Any) -> None:
        """Put any JSON value into a section's collection as it stands."""
        getattr(self._held[section], collection).append(msgspec.json.encode(value))

    def enrol(self, school_uid: str, *, of: str = MAIN, key: int | None = None, **changes: Any) -> int:
        """Enrol a student, by the number in `school_uid`; gives the enrolment's id."""
        key = next(self._enrolments) if key is None else key
        self.seats.setdefault((of, school_uid), key)
        person = {"uid": str(key % 1000000), "school_uid": school_uid, "admin": 0, "status": "1"}
        self.record(of, "enrollments", {"id": str(key), **person, **changes})
        return key

    def item(
        self,
        name: str,
        expected: Expected,
        why: str,
        *,
        of: str = MAIN,
        number: int | None = None,
        title: str | None = None,
        category: str | None = "Tests",
        scored: bool = True,
        **changes: Any,
    ) -> str:
        """Add a grade item with one grade that passes; gives the item's key. `category` is one of the section's."""
        number = next(self._items) if number is None else number
        made: dict[str, Any] = {
            "id": number,
            "title": next(self._titles) if title is None else title,
            "description": "",
            "due": DUE,
            "grading_scale": "0",
            "grading_period": "0",
            "grading_category": "0" if category is None else str(self._categories[of, category]),
            "max_points": "10",
            "factor": "1",
            "is_final": "0",
            "published": 1,
            "type": KINDS[number % 3],
            "grade_item_id": number,
            "assignees": [],
        }
        self.record(of, "items", {**made, **changes})
        key = f"{of}:{number}"
        self.said.items[key], self.said.why[key], self.said.keys[name] = expected, why, key
        if scored:
            self.grade(key, "", inherited(expected))
        return key

    def grade(self, item: str, who: Id, expected: Expected, why: str = "", **changes: Any) -> str:
        """Grade a student (by number; none: the section's first) or an enrolment by its id, with 8 points.

        Gives the score's key.
        """
        section, _, number = item.partition(":")
        seat = who if isinstance(who, int) else self.seats[section, who]
        made: dict[str, Any] = {
            "enrollment_id": seat,
            "assignment_id": int(number),
            "grade": "8" if seat % 2 else 8,
            "exception": 0,
            "max_points": 10,
            "is_final": 0,
            "timestamp": GRADED,
            "comment": "",
            "type": KINDS[int(number) % 3],
        }
        self.record(section, "grades", {**made, **changes})
        key = f"{item}:{seat}"
        self.said.scores[key] = expected
        if why:
            self.said.why[key] = why
        return key

    def leave_out(self, key: str) -> None:
        """Take back the expectation of an item or a score: it is served, and neither staged, judged nor counted."""
        gone = [each for each in (*self.said.items, *self.said.scores) if each == key or each.startswith(f"{key}:")]
        for each in gone:
            self.said.items.pop(each, None)
            self.said.scores.pop(each, None)
        self.said.not_staged.update(gone)


def plain(cases: SchoologyCases, section: str, name: str, numbers: list[str], day: int, **changes: Any) -> str:
    """Add an item that has nothing special, with a grade for each student; gives its key."""
    key = cases.item(
        name, CREATED, "nothing special", of=section, scored=False, due=f"2026-09-{day:02d} 23:59:00", **changes
    )
    for seat, number in enumerate(numbers):
        points = 3 + (day + seat) % 7 + seat % 2 * 0.5
        cases.grade(key, number, CREATED, grade=f"{points:g}" if seat % 2 else points)
    return key
