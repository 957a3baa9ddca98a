"""Schoology as a source for the tests of faults: served by the sandbox, extracted for a new run each time."""

import datetime as dt
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.sources.otus_world import new_run
from tests.sources.schoology import world

from passback.hooks import patience
from passback.settings import Settings
from passback.settings.district import Schoology
from passback.sources.schoology import client, reading
from passback.sources.schoology.extract import extract_schoology
from sandbox.district import SchoologySection
from sandbox.server import Sandbox, running

SETTINGS = Settings(
    file=Path("district.toml"), name="Example Unified", time_zone="America/Chicago",
    effective_date=dt.date(2026, 8, 24), schoology=Schoology(requests_per_5_seconds=100_000),
)  # fmt: skip
GRADES = "select id, grade from staging.schoology_grade where invalid is null and not deleted"
PLACES = "select section_id, grades_since, swept_at from passback.schoology_place order by 1"


class SchoologySource:
    """A served Schoology, and its extractions; calls give up after three seconds, an answer after one."""

    def __init__(self, uri: str, patch: pytest.MonkeyPatch, opened: ExitStack) -> None:
        patch.setattr(client, "FIRST_BACKOFF_SECONDS", 0.05)
        patch.setattr(client, "PATIENCE_SECONDS", 3.0)
        patch.setattr(client, "ATTEMPT_SECONDS", 1.0)
        patch.setattr(client, "MULTIGET_SECONDS", 1.0)
        patch.setattr(patience, "LONGEST_BACKOFF_SECONDS", 0.5)
        patch.setattr(reading, "SECTION_PATIENCE_SECONDS", 0.8)
        self.uri, self._patch, self._opened = uri, patch, opened

    def serve(self, *sections: SchoologySection, **switches: Any) -> Sandbox:
        """Serves these sections from now on, and puts them on the roster."""
        given = {"requests_per_5_seconds": 0, **switches}
        box = self._opened.enter_context(running(world.district(sections), schoology=given))
        self._patch.setenv("AIRFLOW_CONN_SCHOOLOGY", box.connections()["AIRFLOW_CONN_SCHOOLOGY"])
        world.roster(self.uri, [int(section.section_school_code) for section in sections])
        return box

    def extract(self, multiget: int = 50, full_sweep_days: int = 7, **more: Any) -> dict[str, Any]:
        """One extraction of a run of its own."""
        settings = replace(
            SETTINGS,
            schoology=replace(SETTINGS.schoology, full_sweep_days=full_sweep_days),
            batches=replace(SETTINGS.batches, multiget=multiget),
        )
        return extract_schoology(self.uri, new_run(self.uri), settings, **more)

    def select(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        return world.staged(self.uri, statement)

    def execute(self, statement: str) -> None:
        """One change of the database."""
        world.execute(self.uri, statement)

    def grades(self) -> dict[str, float | None]:
        """The staged grade of every score that can be read."""
        return {row["id"]: row["grade"] for row in self.select(GRADES)}
