"""A small district in staging, row by row as extraction leaves it, and its evaluation."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from tests.rules.facts import codes_of

from passback.evaluation import Judged, evaluate
from passback.local.postgres import Postgres
from passback.settings import Settings

DAY = dt.date(2026, 10, 15)
YEAR = (dt.date(2026, 7, 1), dt.date(2027, 6, 30))
AT = "2026-10-01T12:00:00Z"
SETTINGS = Settings(
    file=Path("district.toml"), name="Example Unified", time_zone="America/Chicago",
    effective_date=dt.date(2026, 8, 24),
    categories={"otus": {"Quiz": "Quizzes", "Test": "Tests"}, "schoology": {"Worksheets": "Quizzes", "Exams": "Tests"}},
)  # fmt: skip
Q1 = {"store_code": "Q1", "first_day": "2026-08-24", "last_day": "2026-10-23"}
Q2 = {"store_code": "Q2", "first_day": "2026-10-26", "last_day": "2026-12-18"}


@contextmanager
def own_database(postgres: Postgres, template: str) -> Iterator[str]:
    """The URI of a migrated database for many tests, each of which empties it: one for each would take longer."""
    name = f"rules_{uuid4().hex[:12]}"
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as administrator:
        administrator.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(*map(sql.Identifier, (name, template)))
        )
    yield postgres.uri(name)
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as administrator:
        administrator.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def insert(connection: psycopg.Connection, table: str, columns: dict[str, Any]) -> None:
    """One row."""
    text = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
    )
    connection.execute(text, list(columns.values()))


class Staged:
    """Writes staging, evaluates it, and reads what the run keeps."""

    source = "otus"

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.connection = psycopg.connect(uri, autocommit=True)

    def empty(self) -> None:
        """Nothing is staged, judged or delivered any more; the catalogue of codes stays."""
        tables = self.rows(
            "select schemaname || '.' || tablename from pg_tables where schemaname in ('staging', 'passback') "
            "and tablename <> 'code'"
        )
        self.connection.execute("set session_replication_role = replica")  # no order among the tables to keep
        for (table,) in tables:
            self.connection.execute(sql.SQL("delete from {}").format(sql.Identifier(*table.split("."))))
        self.connection.execute("set session_replication_role = default")

    def district(self) -> None:
        """School 101 with section 85001 (teacher 8301, category Quizzes, Q1 and Q2), class c1 and students 1 to 5."""
        self.section(85001)
        self.category(4301)
        for period in (Q1, Q2):
            self.add("staging.grading_period", school_number="101", term_id=3600, **period)
        self.user("u1", "8301")
        self.school_class("c1", "85001")
        for number in range(1, 6):
            self.student(f"s{number}", str(number))
            self.enrol(85001, str(number))

    def add(self, table: str, **columns: Any) -> None:
        """One row; `seq` is 1 where a staged row has none of its own."""
        insert(self.connection, table, {"seq": 1} | columns if table.startswith("staging.") else columns)

    def section(self, section_dcid: int, school: str = "101", term_id: int = 3600, teacher: int | None = 8301,
                **days: Any) -> None:  # fmt: skip
        columns = {"first_day": "2026-08-24", "last_day": "2027-06-04"} | days
        self.add("staging.section", section_dcid=section_dcid, school_number=school, term_id=term_id,
                 course_name="Algebra 1", section_number="1", **columns)  # fmt: skip
        if teacher:
            self.add("staging.section_teacher", school_number=school, section_dcid=section_dcid, users_dcid=teacher,
                     role="lead")  # fmt: skip

    def category(self, category_id: int, name: str = "Quizzes", teacher: int = 8301, *, is_active: bool = True) -> None:
        self.add("staging.teacher_category", school_number="101", users_dcid=teacher, teacher_category_id=category_id,
                 name=name, is_active=is_active)  # fmt: skip

    def enrol(self, section_dcid: int, number: str, entry: str = "2026-08-24", exit_on: str | None = None,
              *, dropped: bool = False) -> None:  # fmt: skip
        self.add("staging.enrollment", school_number="101", section_dcid=section_dcid, student_number=number,
                 student_dcid=80000 + int(number), entry_on=entry, exit_on=exit_on, dropped=dropped)  # fmt: skip

    def user(self, user_id: str, sis_id: str | None, **columns: Any) -> None:
        columns = {"groups": ["PowerSchool Gradebook Passback"], "role": "teacher", "updated_at": AT} | columns
        self.add("staging.otus_user", id=user_id, sis_id=sis_id, **columns)

    def student(self, student_id: str, number: str | None, **columns: Any) -> None:
        self.add("staging.otus_student", id=student_id, student_number=number, **{"updated_at": AT} | columns)

    def school_class(self, class_id: str, section: str | None, **columns: Any) -> None:
        self.add("staging.otus_class", id=class_id, sis_section_id=section, **{"updated_at": AT} | columns)

    def assessment(self, assessment_id: str, **columns: Any) -> None:
        good = {
            "identifier": "S1", "title": "Quiz", "kind": "assessment", "assessment_type": "Quiz",
            "grading_scale": "points", "points_possible": 10, "created_at": AT, "updated_at": AT,
        }  # fmt: skip
        self.add("staging.otus_assessment", id=assessment_id, **good | columns)

    def assignment(self, item_id: str, assessment_id: str | None, **columns: Any) -> None:
        good = {
            "class_id": "c1", "assigned_by": "u1", "assigned_at": AT, "due_date": DAY, "include_in_final_grade": True,
            "updated_at": AT,
        }  # fmt: skip
        self.add("staging.otus_assignment", id=item_id, assessment_id=assessment_id, **good | columns)

    def item(self, item_id: str, *, of: dict[str, Any] | None = None, scored: bool = True, **columns: Any) -> None:
        """An assignment with its own assessment (`of`: what is different there), and a score that passes."""
        self.assessment(f"e-{item_id}", **of or {})
        self.assignment(item_id, f"e-{item_id}", **columns)
        if scored:
            self.score(f"{item_id}-s1", item_id)

    def score(self, score_id: str, item_id: str | None, student_id: str | None = "s1", **columns: Any) -> None:
        good = {"status": "graded", "points": 8, "excluded": False, "updated_at": AT}
        self.add("staging.otus_score", id=score_id, assignment_id=item_id, student_id=student_id, **good | columns)

    def deliver(self, item_id: str, *students: str, section_dcid: int = 85001, state: str = "live") -> None:
        """The ledger holds this item and these students' scores of it."""
        self.connection.execute(
            "insert into passback.item (source, source_item_id) values (%s, %s) on conflict do nothing",
            [self.source, item_id],
        )
        (item_key,) = self.row("select item_key from passback.item where source_item_id = %s", item_id)
        self.add("passback.ledger_item", item_key=item_key, section_dcid=section_dcid, users_dcid=8301,
                 powerschool_assignment_id=1, name_sent="n", name_held="n", due_sent=DAY, due_held=DAY, total_sent=10,
                 total_held=10, category_sent="c", category_held="c", state=state, seq=1, run_key=1,
                 created_run_key=1)  # fmt: skip
        for number in students:
            self.add("passback.ledger_score", item_key=item_key, student_number=number, student_dcid=1, points_sent=1,
                     flags_sent=0, points_held=1, flags_held=0, seq=1, run_key=1)  # fmt: skip

    def evaluate(self, as_of: str = "2026-10-15", *, schools: list[str] | None = None, today: str | None = None,
                 run_key: int | None = None, seq: int = 1, school_maps: dict[str, Any] | None = None,
                 sections: list[int] | None = None, item: str | None = None, **changes: Any) -> int:  # fmt: skip
        """Judges what is staged in a new run, or anew in a run; `school_maps` and `changes` are of the settings."""
        day = dt.date.fromisoformat(as_of)
        if run_key is None:
            (run_key,) = self.row(
                "insert into passback.run (dag_id, run_id, as_of, dry_run, parameters, settings, sources, "
                "year_first_day, year_last_day) values ('passback_nightly', gen_random_uuid(), %s, false, '{}', '{}', "
                "%s, %s, %s) returning run_key", day, [self.source], *YEAR,
            )  # fmt: skip
        now = dt.date.fromisoformat(today) if today else day
        judged = Judged(run_key, self.source, seq, day, now, YEAR, schools, sections, item)
        evaluate(self.uri, judged, dataclasses.replace(SETTINGS, schools=school_maps or {}, **changes))
        return int(run_key)

    def row(self, query: str, *parameters: Any) -> tuple[Any, ...]:
        found = self.connection.execute(query.encode(), parameters).fetchone()
        assert found is not None
        return found

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode(), parameters).fetchall()

    def items(self, run_key: int) -> dict[str, list[str]]:
        """The codes of the run's items."""
        return {
            item_id: codes_of(codes)
            for item_id, codes in self.rows(
                "select source_item_id, codes from passback.run_item where run_key = %s", run_key
            )
        }

    def scores(self, run_key: int) -> dict[str, list[str]]:
        """The codes of the run's scores, by their own rules."""
        return {
            score_id: codes_of(codes)
            for score_id, codes in self.rows(
                "select source_score_id, codes from passback.run_score where run_key = %s", run_key
            )
        }
