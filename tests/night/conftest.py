"""Whole nights of the real DAG by `dag.test()`, over the sandbox's small district and a real Postgres.

Schoology's throttle is off on both sides, which a night of the example settings would wait for.
"""

import csv
import datetime as dt
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from passback import database
from sandbox.server import Sandbox, running
from sandbox.small import SmallDistrict, small_district

PROJECT = Path(__file__).parents[2]


@dataclass
class Outcome:
    """What one night left behind: its state, its tasks' states, and its report."""

    state: str
    tasks: dict[str, str]
    folder: Path | None
    summary: dict[str, Any]
    lines: list[dict[str, str]]
    writes: list[dict[str, Any]]

    def totals(self, level: str, source: str = "otus") -> dict[str, int]:
        """The counts of a source's items or scores that are not zero, without `staged`."""
        found = self.summary["sources"][source][level]
        return {name: count for name, count in found.items() if count and name != "staged"}

    def outcomes(self, level: str) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Outcome and codes by line, of items by source id, of scores by item and student number."""
        return {
            (line["source_item_id"] if level == "item" else f"{line['source_item_id']}|{line['student_number']}"): (
                line["outcome"],
                tuple(code for code in (line["code"], *line["other_codes"].split(";")) if code),
            )
            for line in self.lines
            if line["level"] == level
        }


class DagNights:
    """Runs `passback_nightly` in this process, as `make night` does."""

    def __init__(self, box: Sandbox, reports: Path, uri: str, settings: Path) -> None:
        self.box, self.reports, self.uri, self.settings = box, reports, uri, settings
        self.moment = dt.datetime.now(dt.UTC)

    def run(self, as_of: str = "2026-10-15", **params: Any) -> Outcome:
        """One night; the outcome's writes are its own."""
        from airflow.dag_processing.dagbag import DagBag

        self.box.control.clear_logs()
        self.moment += dt.timedelta(seconds=1)
        dag = DagBag(dag_folder=PROJECT / "dags" / "passback_nightly.py").dags["passback_nightly"]
        for task in dag.tasks:
            task.retries = 0
        run = dag.test(logical_date=self.moment, run_conf={"as_of": as_of, **params})
        folders = [path for path in self.reports.glob(f"*/*/{run.run_id}") if path.is_dir()]
        summary, lines = {}, []
        if folders:
            summary = json.loads((folders[0] / "summary.json").read_text(encoding="utf-8"))
            with (folders[0] / "reconciliation.csv").open(encoding="utf-8", newline="") as file:
                lines = list(csv.DictReader(file))
        tasks = {task.task_id: str(task.state) for task in run.get_task_instances()}
        return Outcome(
            str(run.state), tasks, folders[0] if folders else None, summary, lines, self.box.control.writes()
        )

    def verdicts(self, source: str, level: str) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Outcome and codes of every item or score of the last run that has an id, by the source's own id."""
        kept = {"item": "source_item_id", "score": "source_score_id"}[level]
        with database.connect(self.uri) as connection:
            rows = connection.execute(
                f"""
                select {kept}, outcome, report.code_list(codes) from report.{level}_outcome
                where run_key = (select max(run_key) from passback.run) and source = %s and {kept} <> ''
                """,
                [source],
            ).fetchall()
        assert len(rows) == len({row[0] for row in rows})
        return {key: (outcome, tuple(codes.split(";")) if codes else ()) for key, outcome, codes in rows}

    def set(self, before: str, after: str) -> None:
        """Change a line of the settings for the nights that come."""
        text = self.settings.read_text(encoding="utf-8")
        assert text.count(before) == 1
        self.settings.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture
def small() -> SmallDistrict:
    """The small district with what its first night must say."""
    return small_district()


@pytest.fixture
def dag_nights(
    airflow_home: Path, passback_db: str, small: SmallDistrict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DagNights]:
    """Nights of the real DAG over the small district."""
    settings = tmp_path / "district.toml"
    settings.write_bytes((PROJECT / "include" / "district.toml").read_bytes())
    with running(small.district, schoology={"requests_per_5_seconds": 0} if small.district.schoology else None) as box:
        for name, value in box.connections().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PASSBACK_HOME", str(tmp_path))
        monkeypatch.setenv("PASSBACK_REPORTS", str(tmp_path / "reports"))
        monkeypatch.setenv("PASSBACK_DISTRICT", str(settings))
        nights = DagNights(box, Path(os.environ["PASSBACK_REPORTS"]), passback_db, settings)
        nights.set("requests_per_5_seconds = 13", "requests_per_5_seconds = 1000")
        yield nights
