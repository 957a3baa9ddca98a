"""Where a fuzzed night happens: a real PostgreSQL, a fresh database for each night, and the sandbox over HTTP."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from passback.local.environment import database_connection
from passback.local.postgres import Postgres
from sandbox.district import (
    District,
    Enrollment,
    GradingPeriod,
    School,
    SchoologySection,
    Section,
    SectionTeacher,
    Student,
    TeacherCategory,
)
from sandbox.server import Sandbox, running

NIGHTLY = "passback_nightly"
AS_OF = "2026-10-15"
TERM = 3600
DCID = 80_000  # a student's DCID is so much above the number
YEAR = (dt.date(2026, 7, 1), dt.date(2027, 6, 30))
SETTINGS = """\
name = "Hostile Unified"
time_zone = "America/Chicago"
effective_date = 2026-08-24

[categories.otus]
Quiz = "Quizzes"
Test = "Tests"

[categories.schoology]
Quizzes = "Quizzes"
Tests = "Tests"

# Half of the records are bad on purpose, and nothing is to be held back.
[quality]
bad_record_share = 1

[guard]
new_zeros = 100000000

[batches]
otus_page = {page}
schoology_page = {page}

[schoology]
requests_per_5_seconds = 1000000
"""
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Ground:
    """A running server with a migrated template database, and a folder for reports and settings."""

    server: Postgres
    template: str
    home: Path

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of a fresh copy of the template, dropped at the end."""
        name = f"fuzz_{os.getpid()}_{next(_numbers)}"
        names = [sql.Identifier(name), sql.Identifier(self.template)]
        with psycopg.connect(self.server.uri("postgres"), autocommit=True) as administrator:
            administrator.execute(sql.SQL("create database {} template {} strategy file_copy").format(*names))
            try:
                yield name
            finally:
                administrator.execute(sql.SQL("drop database {} with (force)").format(names[0]))


@dataclass(slots=True)
class Night:
    """One night under way over its own database; `box` is None where only files are read."""

    uri: str
    home: Path
    box: Sandbox
    run_id: str
    counts: dict[str, Any]
    report: Path | None = None

    def rows(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        """The rows of a query."""
        with psycopg.connect(self.uri, row_factory=dict_row, options="-c timezone=UTC") as connection:
            return connection.execute(statement.encode(), parameters).fetchall()

    def open(self) -> None:
        """Opens the run and reads the roster."""
        from passback import runs, steps

        asked = runs.Asked(NIGHTLY, self.run_id, False, None, dt.datetime.now(dt.UTC), {"as_of": AS_OF})
        steps.open_run(asked)
        steps.extract_roster(NIGHTLY, self.run_id)

    def extract(self, source: str) -> None:
        """Reads the source into staging."""
        from passback import steps

        self.counts = steps.extract_source(NIGHTLY, self.run_id, source)

    def finish(self) -> dict[str, Any]:
        """Gate, evaluation, plan, delivery, read-back and report: what `reconcile` says."""
        from passback import steps

        refused = steps.check_quality(NIGHTLY, self.run_id)["refused"]
        steps.evaluate(NIGHTLY, self.run_id)
        for shard in steps.plan(NIGHTLY, self.run_id):
            steps.deliver(NIGHTLY, self.run_id, shard["shard"])
        steps.verify(NIGHTLY, self.run_id)
        told = steps.reconcile(NIGHTLY, self.run_id)
        self.report = Path(told["folder"])
        return {**told, "refused": refused}


def district(sections: tuple[int, ...], students: tuple[str, ...], **content: Any) -> District:
    """One school: sections under one teacher, all students in each; `content` is Otus's or Schoology's."""
    return District(
        schools=[School(101, "North High")],
        sections=[
            Section(dcid, dcid - 80_000, 101, TERM, "Algebra 1", "1", "2026-08-10", "2027-06-04") for dcid in sections
        ],
        section_teachers=[SectionTeacher(dcid, 8301, "T8301", "lead", "2026-08-10") for dcid in sections],
        students=[Student(int(number) + DCID, number) for number in students],
        enrollments=[
            Enrollment(dcid, int(number) + DCID, "2026-08-10", "2027-06-05") for dcid in sections for number in students
        ],
        teacher_categories=[TeacherCategory(8301, 4301, "Quizzes", 36), TeacherCategory(8301, 4302, "Tests", 36)],
        grading_periods=[GradingPeriod(101, TERM, "Q1", "2026-08-17", "2026-10-16")],
        **content,
    )


@contextmanager
def night(ground: Ground, served: District, *, files: Path | None = None, page: int = 1000) -> Iterator[Night]:
    """A night over what is served, in a database of its own; Otus is read from `files` where they are given.

    The connections that matter are set for its length: no other source is on.
    """
    home = ground.home
    settings = home / "district.toml"
    settings.write_text(SETTINGS.format(page=page), encoding="utf-8")
    # Our own throttle is tested elsewhere: here nobody waits.
    switches = {"requests_per_5_seconds": 0} if served.schoology else None
    with ground.database() as database, running(served, schoology=switches) as box:
        given = {
            **_connections(box, served.schoology, files),
            "AIRFLOW_CONN_PASSBACK_DB": database_connection(ground.server, database),
            "PASSBACK_DISTRICT": str(settings), "PASSBACK_HOME": str(home), "PASSBACK_REPORTS": str(home / "reports"),
        }  # fmt: skip
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("AIRFLOW_CONN_OTUS", "AIRFLOW_CONN_SCHOOLOGY")
        }
        with mock.patch.dict(os.environ, kept | given, clear=True):
            yield Night(ground.server.uri(database), home, box, f"fuzz-{next(_numbers)}", {})


def _connections(box: Sandbox, schoology: list[SchoologySection], files: Path | None) -> Mapping[str, str]:
    given = box.connections()
    if schoology:
        del given["AIRFLOW_CONN_OTUS"]
    elif files is not None:
        given["AIRFLOW_CONN_OTUS"] = json.dumps({"conn_type": "file", "extra": {"path": str(files)}})
    return given
