"""A small gradebook and its nights, step by step, on a real Postgres and the sandbox over HTTP."""

import csv
import datetime as dt
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from passback import database, runs, steps
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
from sandbox.server import Sandbox, running
from sandbox.small.builder import CREATED, Cases

NIGHTLY, SYNC = "passback_nightly", "passback_sync"
YEAR = 3600
FIRST, LAST, EXIT = "2026-08-10", "2027-06-04", "2027-06-05"
STUDENTS = ("1001", "1002", "1003")
# With nine scores every change is a mass change; what the guard holds is tested in tests/guard.
NO_GUARD = (
    ("scores_changed_share = 0.2", "scores_changed_share = 1"),
    ("scores_halved_share = 0.05", "scores_halved_share = 1"),
)


def small_gradebook() -> District:
    """One school, two sections, two teachers in both, three students, three items with a score for every student."""
    cases = Cases()
    group = ("PowerSchool Gradebook Passback",)
    cases.user("lead", "8301", groups=group)
    cases.user("co", "8302", groups=group)
    for number in STUDENTS:
        cases.student(f"st-{number}", number)
    cases.school_class("algebra", "85001", f"st-{STUDENTS[0]}")
    cases.school_class("biology", "85002", f"st-{STUDENTS[0]}")
    for item, section in (("quiz", "algebra"), ("essay", "algebra"), ("lab", "biology")):
        cases.item(item, CREATED, "", of=section, by="lead", scored=False)
        for number in STUDENTS:
            cases.score(item, f"st-{number}", CREATED)
    return District(
        schools=[School(101, "North High")],
        sections=[
            Section(dcid, dcid - 80000, 101, YEAR, course, "1", FIRST, LAST)
            for dcid, course in ((85001, "Algebra 1"), (85002, "Biology"), (85003, "Civics"))
        ],
        section_teachers=[
            SectionTeacher(dcid, user, f"T{user}", role, FIRST)
            for dcid in (85001, 85002, 85003)
            for user, role in ((8301, "lead"), (8302, "co"))
        ],
        students=[Student(int(number) + 80000, number) for number in STUDENTS],
        enrollments=[
            Enrollment(dcid, int(number) + 80000, FIRST, EXIT) for dcid in (85001, 85002, 85003) for number in STUDENTS
        ],
        teacher_categories=[
            TeacherCategory(user, user * 10 + place, name, YEAR // 100)
            for user in (8301, 8302)
            for place, name in enumerate(("Quizzes", "Tests", "Homework", "Daily Work"))
        ],
        grading_periods=[
            GradingPeriod(101, YEAR, "Q1", "2026-08-17", "2026-10-16"),
            GradingPeriod(101, YEAR, "Q2", "2026-10-19", "2026-12-18"),
        ],
        otus=cases.records,
    )


@dataclass
class Report:
    """What one night left behind."""

    summary: dict[str, Any]
    lines: list[dict[str, str]]
    red: list[str]
    writes: list[dict[str, Any]]

    def totals(self, level: str) -> dict[str, int]:
        """The counts of items or scores that are not zero, without `staged`."""
        found = self.summary["sources"]["otus"][level]
        return {name: count for name, count in found.items() if count and name != "staged"}

    def line(self, source_item_id: str, student_number: str = "") -> dict[str, str]:
        """The one line of an item, or of a student's score on it."""
        (found,) = [
            line
            for line in self.lines
            if line["source_item_id"] == source_item_id and line["student_number"] == student_number
        ]
        return found


class Nights:
    """Nights over one sandbox and one database; `settings` is the text of the district's settings file."""

    def __init__(self, uri: str, box: Sandbox, home: Path) -> None:
        self.uri, self.box, self.home = uri, box, home
        self.numbers = itertools.count(1)
        self.created_at = dt.datetime.now(dt.UTC)

    @property
    def powerschool(self) -> Any:
        return self.box.control.powerschool

    @property
    def otus(self) -> Any:
        return self.box.control.otus

    def settings(self, *changes: tuple[str, str]) -> None:
        """Replaces pieces of the example settings, without the guard's limits, for the nights that follow."""
        text = Path(__file__).parents[2].joinpath("include", "district.toml").read_text(encoding="utf-8")
        for old, new in (*NO_GUARD, *changes):
            assert old in text
            text = text.replace(old, new)
        path = self.home / "district.toml"
        path.write_text(text, encoding="utf-8")
        os.environ["PASSBACK_DISTRICT"] = str(path)

    def planned(
        self, as_of: str | None = "2026-10-15", dag_id: str = NIGHTLY, **params: Any
    ) -> tuple[str, list[dict[str, Any]]]:
        """A run up to its plan: its run id and shards."""
        run_id = f"night-{next(self.numbers)}"
        day = {"as_of": as_of} if dag_id == NIGHTLY else {}
        asked = runs.Asked(dag_id, run_id, False, None, self.created_at, {**day, **params})
        sources = steps.open_run(asked)
        steps.extract_roster(dag_id, run_id)
        for source in sources:
            steps.extract_source(dag_id, run_id, source)
        steps.evaluate(dag_id, run_id)
        return run_id, steps.plan(dag_id, run_id)

    def deliver(self, run_id: str, shards: list[dict[str, Any]], dag_id: str = NIGHTLY) -> None:
        """Delivers the shards of a planned night."""
        for shard in shards:
            steps.deliver(dag_id, run_id, shard["shard"])

    def finish(self, run_id: str, dag_id: str = NIGHTLY) -> Report:
        """Reads back and reconciles."""
        steps.verify(dag_id, run_id)
        written = steps.reconcile(dag_id, run_id)
        folder = Path(written["folder"])
        with (folder / "reconciliation.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        return Report(summary, lines, written["red"], self.box.control.writes())

    def run(self, as_of: str = "2026-10-15", **params: Any) -> Report:
        """One whole night; the report's writes are this night's."""
        self.box.control.clear_logs()
        run_id, shards = self.planned(as_of, **params)
        self.deliver(run_id, shards)
        return self.finish(run_id)

    def sync(self, **part: Any) -> Report:
        """One whole sync of a part, on the night's own day; the report's writes are the sync's."""
        self.box.control.clear_logs()
        run_id, shards = self.planned(None, SYNC, **part)
        self.deliver(run_id, shards, SYNC)
        return self.finish(run_id, SYNC)

    def held(self, item: str) -> dict[str, Any]:
        """The one assignment of an item in PowerSchool."""
        (found,) = self.powerschool.assignments(item)
        return dict(found)

    def points(self, item: str) -> dict[str, float | None]:
        """The points that PowerSchool holds for an item, by student number."""
        return {number: score["points"] for number, score in self.held(item)["scores"].items()}

    @property
    def complete(self) -> dict[str, float | None]:
        """The points of an item with all its scores, by student number."""
        return dict.fromkeys(STUDENTS, 8)

    def one_each(self, items: Iterable[str] = ("quiz", "essay", "lab")) -> bool:
        """Whether PowerSchool holds each of these items exactly once, with every score."""
        return all(self.points(item) == self.complete for item in items)

    def ledger(self, item: str) -> dict[str, float | None]:
        """The points that the ledger says were sent, by student number."""
        with database.connect(self.uri) as connection:
            found = connection.execute(
                "select student_number, points_sent from passback.ledger_score join passback.item using (item_key) "
                "where source_item_id = %s",
                [item],
            ).fetchall()
        return dict(found)


@pytest.fixture
def nights(passback_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    """Nights over the small gradebook."""
    with running(small_gradebook()) as box:
        for name, value in box.connections().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PASSBACK_HOME", str(tmp_path))
        monkeypatch.setenv("PASSBACK_REPORTS", str(tmp_path / "reports"))
        monkeypatch.setenv("PASSBACK_DISTRICT", "")
        made = Nights(passback_db, box, tmp_path)
        made.settings(("stale_days = 0", "stale_days = 0"))
        yield made
