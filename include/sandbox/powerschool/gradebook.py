"""PowerSchool's gradebook in memory: assignments, their sections and scores, and a stable dump of them all."""

from collections import defaultdict
from typing import Any

import msgspec

from sandbox.district import District
from sandbox.powerschool.roster import Roster

FLAGS = ("isexempt", "ismissing", "isincomplete", "islate", "iscollected", "isabsent")
REPLACED = str.maketrans({"…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})


class Score(msgspec.Struct, gc=False):
    """One student's score: points (six decimals, or none), the text that was entered, and the flags that are on."""

    score_id: int
    points: float | None = None
    entered: str | None = None
    kind: str | None = None
    flags: frozenset[str] = frozenset()


class CategoryLink(msgspec.Struct):
    """The association of an assignment in a section with a teacher's category."""

    link_id: int
    teacher_category_id: int
    is_primary: bool = True


class AssignmentSection(msgspec.Struct):
    """An assignment as it stands in one section."""

    assignment_section_id: int
    assignment_id: int
    section_dcid: int
    name: str
    due_date: str
    entry_points: float
    total_points: float
    links: list[CategoryLink]
    description: str | None = None
    score_type: str = "POINTS"
    weight: float = 1.0
    extra_credit_points: float = 0.0
    is_counted: bool = True
    is_scoring_needed: bool = True
    is_score_published: bool = True
    publish_option: str = "Immediately"
    is_locked: bool = False
    scores: dict[int, Score] = {}

    @property
    def marker(self) -> str:
        """The first line of the description, where it is Passback's; else empty."""
        line = (self.description or "").split("\n", 1)[0].rstrip("\r")
        return line if line.startswith("Passback ") else ""


class Assignment(msgspec.Struct):
    """An assignment, in one or more sections."""

    assignment_id: int
    created_by: str | None
    sections: list[AssignmentSection]


def normalised(text: str, limit: int) -> str:
    """Keep a text as a server that tidies would: blanks folded line by line, typographic characters replaced."""
    lines = (" ".join(line.split()) for line in text.translate(REPLACED).splitlines())
    return "\r\n".join(lines)[:limit]


def shortest(number: float) -> str:
    """Write a number in its shortest decimal form: `9.5`, `7`."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


class Gradebook:
    """All assignments by their ids; ids rise and are never used twice."""

    def __init__(self, district: District, roster: Roster) -> None:
        """Begin with what the district's teachers had made by hand."""
        self.roster = roster
        self.assignments: dict[int, Assignment] = {}
        self.by_section: dict[int, dict[int, AssignmentSection]] = defaultdict(dict)
        self.by_section_id: dict[int, AssignmentSection] = {}
        self.deleted_sections: set[int] = set()
        self.created = 0
        self._ids = {"assignment": 500, "section": 77000, "link": 9000, "score": 90000}
        for made in district.teacher_assignments:
            self._add_by_hand(made)

    def next_id(self, kind: str) -> int:
        """Give the next id of a kind (`assignment`, `section`, `link`, `score`)."""
        self._ids[kind] += 1
        return self._ids[kind]

    def _add_by_hand(self, made: Any) -> None:
        year = self.roster.year_of(made.section_dcid)
        copies = {row.name: row.teacher_category_id for row in self.roster.copies(made.users_dcid, year)}
        held = AssignmentSection(
            0,
            0,
            made.section_dcid,
            made.name,
            made.due_date,
            made.total_points,
            made.total_points,
            [CategoryLink(0, copies[made.category])],
            made.description or None,
        )
        self.add([held], None)
        for student_dcid, points in made.scores.items():
            held.scores[student_dcid] = Score(self.next_id("score"), points, shortest(points), "REAL_SCORE")

    def add(self, sections: list[AssignmentSection], created_by: str | None) -> Assignment:
        """Store a new assignment, giving it and its sections their ids."""
        assignment = Assignment(self.next_id("assignment"), created_by, sections)
        self.assignments[assignment.assignment_id] = assignment
        for held in sections:
            self.attach(assignment, held)
        self.created += 1
        return assignment

    def attach(self, assignment: Assignment, held: AssignmentSection) -> None:
        """Give an assignment's section its ids and file it under its section."""
        held.assignment_id = assignment.assignment_id
        held.assignment_section_id = self.next_id("section")
        for link in held.links:
            link.link_id = link.link_id or self.next_id("link")
        self.by_section[held.section_dcid][assignment.assignment_id] = held
        self.by_section_id[held.assignment_section_id] = held

    def remove(self, assignment_id: int) -> None:
        """Delete an assignment with its scores in every section."""
        assignment = self.assignments.pop(assignment_id)
        for held in assignment.sections:
            del self.by_section[held.section_dcid][assignment_id]
            del self.by_section_id[held.assignment_section_id]
            self.deleted_sections.add(held.assignment_section_id)

    def category_name(self, held: AssignmentSection) -> str:
        """Name the primary category of an assignment in a section; empty where there is none."""
        for link in held.links:
            if link.is_primary:
                row = self.roster.categories.get(link.teacher_category_id)
                return row.name if row else ""
        return ""

    def state(self) -> dict[str, Any]:
        """Dump what is held without any id that depends on the order of arrival: two equal gradebooks dump equal."""
        sections = {}
        for section_dcid in sorted(self.by_section):
            held = [self._dump(row) for row in self.by_section[section_dcid].values()]
            if held:
                sections[str(section_dcid)] = sorted(held, key=msgspec.json.encode)
        return {"sections": sections}

    def _dump(self, held: AssignmentSection) -> dict[str, Any]:
        numbers = self.roster.students
        scores = {numbers[dcid]: self._dump_score(score) for dcid, score in held.scores.items()}
        return {
            "marker": held.marker,
            "name": held.name,
            "due_date": held.due_date,
            "total_points": held.total_points,
            "entry_points": held.entry_points,
            "category": self.category_name(held),
            "weight": held.weight,
            "is_counted": held.is_counted,
            "is_locked": held.is_locked,
            "score_type": held.score_type,
            "by_plugin": self.assignments[held.assignment_id].created_by is not None,
            "scores": dict(sorted(scores.items())),
        }

    @staticmethod
    def _dump_score(score: Score) -> dict[str, Any]:
        return {"points": score.points, "entered": score.entered, "flags": sorted(score.flags)}
