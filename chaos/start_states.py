"""From what a schedule starts: a district with nothing delivered yet, and one a night later with edits on both sides.

A start state is a whole sandbox (PowerSchool, Otus, Schoology) and the name of a template database; what a clean night
makes of it is measured beside it.
"""

from __future__ import annotations

import asyncio
import copy
import threading
from dataclasses import dataclass
from typing import Any

import msgspec

from chaos.checks import Found
from sandbox.district import District
from sandbox.generator import generate
from sandbox.server import Sandbox

DAY_BEFORE, DAY, DAY_AFTER = "2026-10-14", "2026-10-15", "2026-10-16"
LATENCY_MS = 25
# Otus items whose scores come after the first night: the second one creates them.
LATE = ("a2", "a7", "a12", "a22", "a32")
RENAMED, RESCALED, MOVED_ITEM = "as0", "as6", "a10"
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
Homework = "Homework"

# In so small a district every change is a mass change; the guard has its own tests.
[guard]
scores_changed_share = 1
scores_halved_share = 1
new_zeros = 100000
items_changed_share = 1
items_newly_failing_share = 1

# A doubt settles soon: no request takes longer here.
[delivery]
in_flight = 4
settle_seconds = 4

[schoology]
requests_per_5_seconds = 1000
"""


@dataclass(frozen=True)
class StartState:
    """A sandbox to copy, a template database, the night's as-of day, and what a clean night leaves."""

    name: str
    box: Sandbox
    template: str
    as_of: str
    clean: Found


def district() -> tuple[District, list[dict[str, Any]]]:
    """Eight sections in two schools with 40 items of both sources and 320 scores; and the scores that come later."""
    made = generate(
        7, scores=320, students_per_section=8, items_per_section=5, sections_per_school=4, as_of=DAY, schoology=0.4
    )
    scores = [msgspec.json.decode(record) for record in made.otus["scores"]]
    late = [score for score in scores if score["assignment_id"] in LATE]
    made.otus["scores"] = [msgspec.json.encode(score) for score in scores if score["assignment_id"] not in LATE]
    return made, late


def sandbox(made: District) -> Sandbox:
    """The sandbox that the schedules begin with; its day is the district's, in whatever year they run."""
    powerschool = {"latency_ms": LATENCY_MS, "today": DAY, "normalise": True}
    return Sandbox(made, powerschool, schoology={"requests_per_5_seconds": 0})


def edit(box: Sandbox, late: list[dict[str, Any]]) -> None:
    """What people do between two nights: in the sources, and in PowerSchool."""
    box.otus.edit("change_scores", {"share": 0.3, "seed": 3})
    box.schoology.edit("change_grades", {"share": 0.3, "seed": 3})
    box.otus.edit("edit", {"collection": "assessments", "id": RENAMED, "title": "Renamed between two nights"})
    box.otus.edit("edit", {"collection": "assessments", "id": RESCALED, "points_possible": 40})
    box.otus.edit("edit", {"collection": "assignments", "id": MOVED_ITEM, "due_date": "2026-10-13"})
    for score in late:
        record = {name: value for name, value in score.items() if name != "updated_at"}
        box.otus.edit("upsert", {"collection": "scores", "record": record})
    _teach(box)


def _teach(box: Sandbox) -> None:
    """Teachers' own edits: scores typed over and beside what comes, a renaming, a deletion, an assignment by hand."""
    rows = [held for rows in box.powerschool.gradebook.by_section.values() for held in rows.values() if held.scores]
    ours = sorted((held for held in rows if held.marker), key=lambda held: held.marker)
    for place, held in enumerate(ours[::3]):
        student = box.powerschool.roster.students[sorted(held.scores)[place % len(held.scores)]]
        typed = {"assignment": held.assignment_id, "student_number": student, "points": 1.25 + place}
        box.powerschool.edit("edit_score", typed)
    named = {"assignment": ours[4].assignment_id, "name": "As the teacher calls it"}
    box.powerschool.edit("edit_assignment", named)
    box.powerschool.edit("delete_assignment", {"assignment": ours[7].assignment_id})


class Servers:
    """The sandbox's servers in a thread, at the same ports for every sandbox that they are given."""

    def __init__(self) -> None:
        """Starts the thread; nothing listens yet."""
        self.box: Sandbox | None = None
        self._ports: dict[str, int] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chaos-sandbox", daemon=True)
        self._thread.start()

    def serve(self, template: Sandbox) -> Sandbox:
        """Puts a copy of a sandbox in the place of the one before; `template` itself never serves."""
        self.close()
        box = copied(template)
        self._wait(box.start(**{f"{name}_port": port for name, port in self._ports.items()}))
        self._ports, self.box = dict(box.ports), box
        return box

    def close(self) -> None:
        """Ends what is served."""
        if self.box is not None:
            self._wait(self.box.stop())
            self.box = None

    def end(self) -> None:
        """Ends the thread, too."""
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def _wait(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)


def copied(box: Sandbox) -> Sandbox:
    """A sandbox with the same content and credentials, which does not serve yet."""
    made = copy.copy(box)
    systems = (box.powerschool, box.otus, box.schoology)
    made.powerschool, made.otus, made.schoology = copy.deepcopy(systems)
    made._runners, made.ports = [], {}
    made.powerschool.log.clear()
    return made
