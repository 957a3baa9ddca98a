"""A district's runs, written row by row as evaluation, plan and delivery would leave them."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from passback.errors import catalogue, mask_of
from passback.reconciliation import reconcile

DAY = date(2026, 10, 15)
SECTION = 85001


class World:
    """Writes runs into one database and reconciles them into one folder of reports."""

    def __init__(self, uri: str, reports: Path) -> None:
        self.uri = uri
        self.reports = reports
        self.connection = psycopg.connect(uri, autocommit=True)

    def roster(self) -> None:
        self.insert("staging.school", school_number="101", school_name="Oak", seq=1)
        self.insert(
            "staging.section", section_dcid=SECTION, school_number="101", term_id=3600, course_name="Algebra 1",
            section_number="2", first_day=date(2026, 8, 24), last_day=date(2027, 6, 4), seq=1,
        )  # fmt: skip

    def run(self, as_of: date = DAY, *, dag_id: str = "passback_nightly", run_id: str = "", dry_run: bool = False,
            sources: dict[str, str] | None = None, stopped_by: str | None = None) -> int:  # fmt: skip
        """A new run whose sources are in the given states (`otus` read where none are given)."""
        states = {"otus": "read"} if sources is None else sources
        count = self.value("select count(*) from passback.run")
        run_key = self.insert(
            "passback.run", returning="run_key", dag_id=dag_id, run_id=run_id or f"manual__{count}", as_of=as_of,
            dry_run=dry_run, parameters="{}", settings="{}", sources=list(states), stopped_by=stopped_by,
            year_first_day=date(2026, 7, 1), year_last_day=date(2027, 6, 30),
        )  # fmt: skip
        for source, state in states.items():
            self.insert("passback.run_source", run_key=run_key, source=source, seq=1, state=state)
        return int(run_key)

    def item(self, run_key: int, item_id: str = "A1", *codes: str, source: str = "otus", **columns: Any) -> int:
        """An item of the run with these rule codes; returns its item_no."""
        item_no = self.value("select count(*) + 1 from passback.run_item where run_key = %s", run_key)
        defaults = {
            "school_number": "101", "section_dcid": SECTION, "users_dcid": 501, "title": "Quiz", "name": "Quiz (S1)",
            "due_on": DAY, "total": 10.0, "category": "Quizzes", "seq": 1,
        }  # fmt: skip
        self.insert(
            "passback.run_item", run_key=run_key, item_no=item_no, item_key=self.item_key(source, item_id),
            source=source, source_item_id=item_id, codes=mask_of(*codes), outcome=outcome_of(*codes),
            **defaults | columns,
        )  # fmt: skip
        return int(item_no)

    def score(self, run_key: int, item_no: int | None, score_id: str, *codes: str, student: str | None = None,
              points: float | None = 8.0, **columns: Any) -> None:  # fmt: skip
        """A score of the run with these rule codes; its student's number is its own id where none is given."""
        item = self.row(
            "select item_key, source, source_item_id from passback.run_item where run_key = %s and item_no = %s",
            run_key, item_no,
        ) or (None, "otus", "")  # fmt: skip
        self.insert(
            "passback.run_score", run_key=run_key, item_no=item_no, item_key=item[0], source=item[1],
            source_item_id=item[2], source_score_id=score_id, student_number=score_id if student is None else student,
            points=points, codes=mask_of(*codes), outcome=outcome_of(*codes), **columns,
        )  # fmt: skip

    def plan_item(
        self, run_key: int, item_no: int, action: str = "create", state: str = "accepted", **columns: Any
    ) -> None:
        """What was planned for an item and came of it; an accepted one was proved and confirmed."""
        done = {"proved": action, "confirmed": True, "attempts": 1} if state == "accepted" else {}
        self.insert(
            "passback.plan_item", run_key=run_key, item_key=self.key_of(run_key, item_no), shard=0, unit_users_dcid=501,
            section_dcid=SECTION, users_dcid=501, action=action, state=state, **done | columns,
        )  # fmt: skip

    def plan_score(self, run_key: int, item_no: int, student: str, action: str = "create", batch: int = 0,
                   points: float = 8.0, **columns: Any) -> None:  # fmt: skip
        """One score of the plan."""
        self.insert(
            "passback.plan_score", run_key=run_key, item_key=self.key_of(run_key, item_no), student_number=student,
            student_dcid=1, batch=batch, action=action, points=points, **{"flags": 0, "seq": 1} | columns,
        )  # fmt: skip

    def call(self, run_key: int, item_no: int, state: str = "accepted", batch: int = 0, **columns: Any) -> None:
        """One score call of an item; an accepted one was read back."""
        self.insert(
            "passback.score_call", run_key=run_key, item_key=self.key_of(run_key, item_no), batch=batch, state=state,
            section_dcid=SECTION, **{"verified": state == "accepted", "attempts": 1} | columns,
        )  # fmt: skip

    def exception(self, run_key: int, item_no: int, student: str, state: str, **columns: Any) -> None:
        """What happened to one score of a call."""
        self.insert(
            "passback.score_exception", run_key=run_key, item_key=self.key_of(run_key, item_no), student_number=student,
            state=state, **columns,
        )  # fmt: skip

    def item_key(self, source: str, item_id: str) -> int | None:
        if not item_id:
            return None
        found = self.row(
            "select item_key from passback.item where source = %s and source_item_id = %s", source, item_id
        )
        if found:
            return int(found[0])
        return int(self.insert("passback.item", returning="item_key", source=source, source_item_id=item_id))

    def key_of(self, run_key: int, item_no: int) -> int:
        return int(
            self.value("select item_key from passback.run_item where run_key = %s and item_no = %s", run_key, item_no)
        )

    def reconcile(self, run_key: int) -> "Report":
        return Report(reconcile(self.uri, run_key, str(self.reports)))

    def insert(self, table: str, returning: str = "", **columns: Any) -> Any:
        text = sql.SQL("insert into {} ({}) values ({}) {}").format(
            sql.Identifier(*table.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
            sql.SQL("returning {}").format(sql.Identifier(returning)) if returning else sql.SQL(""),
        )
        cursor = self.connection.execute(text, list(columns.values()))
        return cursor.fetchone()[0] if returning else None

    def row(self, query: str, *parameters: Any) -> tuple[Any, ...] | None:
        return self.connection.execute(query, parameters).fetchone()

    def value(self, query: str, *parameters: Any) -> Any:
        found = self.row(query, *parameters)
        return found[0] if found else None


class Report:
    """The files of one run's report, read."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.folder = Path(told["folder"])

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))

    @property
    def page(self) -> str:
        return (self.folder / "reconciliation.html").read_text(encoding="utf-8")

    def lines(self, name: str = "reconciliation.csv") -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def line(self, item_id: str, student: str = "") -> dict[str, str]:
        [found] = [row for row in self.lines() if (row["source_item_id"], row["student_number"]) == (item_id, student)]
        return found


def outcome_of(*codes: str) -> str | None:
    """The outcome of a rule's verdict with these codes: that of the first, None where all are warnings."""
    primary = min((catalogue()[code] for code in codes), key=lambda code: code.bit, default=None)
    return (primary.outcome or None) if primary else None
