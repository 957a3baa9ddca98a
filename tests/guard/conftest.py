"""A district large enough for shares of items: four sections in two schools, sixty items, five students in each."""

import csv
import datetime as dt
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.delivery.conftest import EXIT, FIRST, LAST, YEAR, Nights, small_gradebook
from tests.rules.staged import own_database

from passback import database, runs, steps
from passback.local.postgres import Postgres
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
from sandbox.server import running
from sandbox.small.builder import CREATED, Cases

ITEMS = tuple(f"item-{number:02d}" for number in range(60))
STUDENTS = tuple(str(1001 + number) for number in range(5))
SECTIONS = {85001: 101, 85002: 101, 85003: 101, 85101: 102}
LIMITS = {
    "scores_changed_share": "0.2", "scores_halved_share": "0.05", "new_zeros": "500", "items_changed_share": "0.2",
    "items_newly_failing_share": "0.1",
}  # fmt: skip
COLUMNS = "figure, source, counted, of_all, passed"


def sixty_items() -> District:
    """Items 0 to 14 are in section 85001, … 45 to 59 in 85101; every second one has no due date of its own."""
    cases = Cases()
    cases.user("lead", "8301", groups=("PowerSchool Gradebook Passback",))
    for number in STUDENTS:
        cases.student(f"st-{number}", number)
    for dcid, school in SECTIONS.items():
        cases.school_class(f"class-{dcid}", str(dcid), f"st-{STUDENTS[0]}", str(school))
    for number, item in enumerate(ITEMS):
        section = list(SECTIONS)[number // 15]
        due = {} if number % 2 else {"due_date": None}
        cases.item(item, CREATED, "", of=f"class-{section}", by="lead", scored=False, **due)
        for student in STUDENTS:
            cases.score(item, f"st-{student}", CREATED)
    return District(
        schools=[School(101, "North High"), School(102, "South High")],
        sections=[Section(d, d - 80000, s, YEAR, f"Course {d}", "1", FIRST, LAST) for d, s in SECTIONS.items()],
        section_teachers=[SectionTeacher(dcid, 8301, "T8301", "lead", FIRST) for dcid in SECTIONS],
        students=[Student(int(number) + 80000, number) for number in STUDENTS],
        enrollments=[Enrollment(d, int(number) + 80000, FIRST, EXIT) for d in SECTIONS for number in STUDENTS],
        teacher_categories=[
            TeacherCategory(8301, 83010 + place, name, YEAR // 100)
            for place, name in enumerate(("Quizzes", "Tests", "Homework", "Daily Work"))
        ],
        grading_periods=[
            GradingPeriod(school, YEAR, *period)
            for school in (101, 102)
            for period in (("Q1", "2026-08-17", "2026-10-16"), ("Q2", "2026-10-19", "2026-12-18"))
        ],
        otus=cases.records,
    )


@dataclass
class Night:
    """What one run left behind: its names, its report, and what PowerSchool was told in it."""

    dag_id: str
    run_id: str
    folder: Path
    summary: dict[str, Any]
    red: list[str]
    writes: list[dict[str, Any]]

    def totals(self, level: str) -> dict[str, int]:
        """The counts of items or scores that are not zero, without `staged`."""
        found = self.summary["sources"].get("otus", {level: {}})[level]
        return {name: count for name, count in found.items() if count and name != "staged"}

    def read(self, name: str) -> list[dict[str, str]]:
        """The rows of one of the report's CSV files."""
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def held(self) -> list[tuple[str, str]]:
        """What waits, by item and student, as the lines tell it."""
        lines = [line for line in self.read("reconciliation.csv") if line["code"] == "MASS_CHANGE_HELD"]
        assert {line["outcome"] for line in lines} <= {"held"}
        return sorted((line["source_item_id"], line["student_number"]) for line in lines)

    @property
    def page(self) -> str:
        return (self.folder / "reconciliation.html").read_text(encoding="utf-8")


class Guarded(Nights):
    """Nights over the guard's limits, and releases of what they hold."""

    def limits(self, *changes: tuple[str, str], **values: str) -> None:
        """The example settings with these limits, and these pieces replaced, for what follows."""
        given = {**LIMITS, **values}
        pieces = [(f"{name} = {LIMITS[name]}", f"{name} = {value}") for name, value in given.items()]
        path = self.home / "district.toml"
        text = Path(__file__).parents[2].joinpath("include", "district.toml").read_text(encoding="utf-8")
        for old, new in (*pieces, *changes):
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def night(self, as_of: str = "2026-10-15", **params: Any) -> Night:
        """One whole night, by its steps."""
        self.box.control.clear_logs()
        run_id, shards = self.planned(as_of, **params)
        self.deliver(run_id, shards)
        return self.closed("passback_nightly", run_id)

    def closed(self, dag_id: str, run_id: str) -> Night:
        """Reads a run back and reconciles it; its books balance."""
        steps.verify(dag_id, run_id)
        written = steps.reconcile(dag_id, run_id)
        folder = Path(written["folder"])
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        assert summary["balanced"] is True
        return Night(dag_id, run_id, folder, summary, written["red"], self.box.control.writes())

    def preview(self, as_of: str = "2026-10-16", **params: Any) -> dict[tuple[str, str], tuple[int, int | None, bool]]:
        """What the guard measures tonight (counted, of all, whether its limit is passed); nothing is sent."""
        run_id, _ = self.planned(as_of, dry_run=True, **params)
        return self.figures(run_id)

    def figures(self, run_id: str) -> dict[tuple[str, str], tuple[int, int | None, bool]]:
        """The figures of a run, those that count nothing left out."""
        rows = self.rows(f"select {COLUMNS} from report.guard_figure where run_id = %s and counted > 0", run_id)
        return {(figure, source): tuple(told) for figure, source, *told in rows}

    def asked(self, night: Night) -> str:
        """A release of what the night holds, up to its question; gives its run id."""
        conf = steps.release_to_ask(night.dag_id, night.run_id)
        assert conf is not None
        run_id = f"{conf['run_id']}.{next(self.numbers)}"
        now = dt.datetime.now(dt.UTC)
        steps.open_release(runs.Asked("passback_release", run_id, False, None, now, conf["conf"]))
        self.question, self.wait = steps.release_question("passback_release", run_id, "/dags/{}/runs/{}".format)
        return run_id

    def answered(self, run_id: str, approved: bool, who: str | None = "admin") -> Night:
        """An asked release to its end."""
        self.box.control.clear_logs()
        steps.decide("passback_release", run_id, approved, who, dt.datetime(2026, 10, 16, 12, tzinfo=dt.UTC))
        steps.evaluate_release("passback_release", run_id)
        for shard in steps.plan_release("passback_release", run_id):
            steps.deliver("passback_release", run_id, shard["shard"])
        return self.closed("passback_release", run_id)

    def score(self, points: float, items: tuple[str, ...] = ITEMS, *, number: int) -> None:
        """The first so many scores (of these items, student by student) get these points in Otus."""
        pairs = itertools.islice(itertools.product(STUDENTS, items), number)
        for student, item in pairs:
            self.otus.edit("scores", f"{item}.{student}", points=points)

    def do(self, statement: str, *parameters: Any) -> None:
        """A statement over the district's database."""
        with database.connect(self.uri) as connection:
            connection.execute(statement.encode(), parameters)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a query over the district's database."""
        with database.connect(self.uri) as connection:
            return connection.execute(query.encode(), parameters).fetchall()


def made(district: District, uri: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guarded]:
    """Nights over a district."""
    with running(district) as box:
        for name, value in box.connections().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PASSBACK_HOME", str(home))
        monkeypatch.setenv("PASSBACK_REPORTS", str(home / "reports"))
        monkeypatch.setenv("PASSBACK_DISTRICT", str(home / "district.toml"))
        nights = Guarded(uri, box, home)
        nights.limits()
        yield nights


@pytest.fixture
def nights(passback_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guarded]:
    """Nights over the sixty items, none of them delivered yet."""
    yield from made(sixty_items(), passback_db, tmp_path, monkeypatch)


@pytest.fixture
def few(passback_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guarded]:
    """Nights over three items with three scores each (quiz and essay in one section, lab in another), delivered."""
    for nights in made(small_gradebook(), passback_db, tmp_path, monkeypatch):
        assert nights.night("2026-10-14").totals("scores") == {"created": 9}
        yield nights


@pytest.fixture(scope="module")
def delivered(
    postgres: Postgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guarded]:
    """The same after a first night, for previews: they change nothing, so that a module shares it."""
    from passback.local.environment import database_connection

    with pytest.MonkeyPatch.context() as monkeypatch, own_database(postgres, template_database) as uri:
        name = uri.partition("?")[0].rpartition("/")[2]
        monkeypatch.setenv("AIRFLOW_CONN_PASSBACK_DB", database_connection(postgres, name))
        for nights in made(sixty_items(), uri, tmp_path_factory.mktemp("guard"), monkeypatch):
            assert nights.night("2026-10-14").totals("scores") == {"created": 300}
            yield nights
