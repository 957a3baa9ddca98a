"""Whole nights of the real DAG by `dag.test()`, over the sandbox's small district and a real Postgres."""

import csv
import datetime as dt
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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

    def totals(self, level: str) -> dict[str, int]:
        """The counts of items or scores that are not zero, without `staged`."""
        found = self.summary["sources"]["otus"][level]
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

    def __init__(self, box: Sandbox, reports: Path) -> None:
        self.box, self.reports = box, reports
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


@pytest.fixture
def small() -> SmallDistrict:
    """The small district with what its first night must say."""
    return small_district()


@pytest.fixture
def dag_nights(
    airflow_home: Path, passback_db: str, small: SmallDistrict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DagNights]:
    """Nights of the real DAG over the small district."""
    with running(small.district) as box:
        for name, value in box.connections().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PASSBACK_HOME", str(tmp_path))
        monkeypatch.setenv("PASSBACK_REPORTS", str(tmp_path / "reports"))
        monkeypatch.setenv("PASSBACK_DISTRICT", str(Path(__file__).parents[2] / "include" / "district.toml"))
        yield DagNights(box, Path(os.environ["PASSBACK_REPORTS"]))
