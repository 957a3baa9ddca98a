"""How a case is written down: one item or score in Otus, and beside it what its first night must say of it."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

UPDATED = "2026-10-10T12:00:00Z"


class Expected(NamedTuple):
    """What the first night at 2026-10-15 says: the outcome, and the codes, primary first (then warnings)."""

    outcome: str
    codes: tuple[str, ...] = ()


CREATED = Expected("created")


@dataclass
class Expectations:
    """What the first night must say of one source: of every staged item and score that has an id.

    `unkeyed` counts the failed items and scores without an id; `not_staged` are those that are served and neither
    staged, judged nor counted; `why` says what a case is about; `keys` gives the items' keys by the cases' names, where
    the two differ.
    """

    items: dict[str, Expected] = field(default_factory=dict)
    scores: dict[str, Expected] = field(default_factory=dict)
    not_staged: set[str] = field(default_factory=set)
    unkeyed: dict[str, int] = field(default_factory=lambda: {"items": 0, "scores": 0})
    why: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def inherited(item: Expected) -> Expected:
    """Give what an item's outcome means for a score that passes on its own."""
    return CREATED if item.outcome == "created" else Expected(item.outcome, item.codes[:1])


def skipped(*codes: str) -> Expected:
    """Expect a rule by design."""
    return Expected("skipped", codes)


def failed(*codes: str) -> Expected:
    """Expect that somebody must act."""
    return Expected("failed", codes)


def created(*warnings: str) -> Expected:
    """Expect delivery, with remarks."""
    return Expected("created", warnings)


class Cases:
    """Otus's content as it is written down case by case, with the expectations beside it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.records: dict[str, list[bytes]] = {
            name: [] for name in ("users", "students", "classes", "assessments", "assignments", "scores")
        }
        self.said = Expectations()
        self.items, self.scores = self.said.items, self.said.scores
        self.not_staged, self.unkeyed, self.why = self.said.not_staged, self.said.unkeyed, self.said.why
        self.first_student: dict[str, str] = {}
        self._identifiers = 1000

    def record(self, collection: str, value: Any) -> None:
        """Put any JSON value into a collection as it stands."""
        self.records[collection].append(msgspec.json.encode(value))

    def user(self, key: str, sis_id: str | None, role: str = "teacher", groups: tuple[str, ...] = ()) -> None:
        """Add a teacher or administrator."""
        self.record(
            "users",
            {
                "id": key,
                "updated_at": UPDATED,
                "deleted": False,
                "role": role,
                "sis_id": sis_id,
                "groups": list(groups),
            },
        )

    def student(self, key: str, sis_id: str | None) -> str:
        """Add a student; gives the key."""
        self.record("students", {"id": key, "updated_at": UPDATED, "deleted": False, "sis_id": sis_id})
        return key

    def school_class(
        self, key: str, section: str | None, first_student: str, school_id: str = "101", **changes: Any
    ) -> None:
        """Add a class; `first_student` gets the score of every item that names no other."""
        self.first_student[key] = first_student
        self.record(
            "classes",
            {
                "id": key,
                "updated_at": UPDATED,
                "deleted": False,
                "name": f"Class {key}",
                "school_id": school_id,
                "sis_section_id": section,
                "teacher_ids": [],
                **changes,
            },
        )

    def item(
        self,
        key: str,
        expected: Expected,
        why: str,
        *,
        of: str = "c-main",
        by: str = "u-lead",
        assessment: dict[str, Any] | None = None,
        scored: bool = True,
        **changes: Any,
    ) -> str:
        """Add an item (an assessment given to one class) with one score that passes; gives the item's key."""
        self._identifiers += 1
        self.record(
            "assessments",
            {
                "id": f"as-{key}",
                "updated_at": UPDATED,
                "deleted": False,
                "identifier": f"S13{self._identifiers}",
                "title": key.replace("-", " ").capitalize()[:39],
                "kind": "assessment",
                "assessment_type": "Quiz",
                "grading_scale": "points",
                "points_possible": 10,
                "created_at": "2026-09-01T15:00:00Z",
                **(assessment or {}),
            },
        )
        self.record(
            "assignments",
            {
                "id": key,
                "updated_at": UPDATED,
                "deleted": False,
                "assessment_id": f"as-{key}",
                "class_id": of,
                "assigned_by": by,
                "assigned_at": "2026-09-10T15:00:00Z",
                "due_date": "2026-09-18",
                "submission_date": None,
                "include_in_final_grade": True,
                **changes,
            },
        )
        self.items[key] = expected
        self.why[key] = why
        if scored:
            self.score(key, self.first_student.get(of, "st-200001"), self.inherited(key))
        return key

    def inherited(self, key: str) -> Expected:
        """Give what an item's outcome means for a score that passes on its own."""
        return inherited(self.items[key])

    def score(
        self, item: str, student: str, expected: Expected, why: str = "", *, key: str | None = None, **changes: Any
    ) -> str:
        """Add a score, graded with 8 points unless changed; gives its key, `<item>.<student>` where none is given."""
        key = key or f"{item}.{student.removeprefix('st-')}"
        self.record(
            "scores",
            {
                "id": key,
                "updated_at": UPDATED,
                "deleted": False,
                "assignment_id": item,
                "student_id": student,
                "status": "graded",
                "points": 8,
                "excluded": False,
                "excused": False,
                "missing": False,
                **changes,
            },
        )
        self.scores[key] = expected
        if why:
            self.why[key] = why
        return key

    def leave_out(self, key: str, why: str, **changes: Any) -> None:
        """Add an item of another school year: neither it nor its score is staged, judged or counted."""
        self.item(key, CREATED, why, **changes)
        del self.items[key]
        self.not_staged.add(key)
        for score in [name for name in self.scores if name.startswith(key + ".")]:
            del self.scores[score]
            self.not_staged.add(score)
