"""Otus as a source for the tests of faults: served by the sandbox, extracted for a new run each time."""

import datetime as dt
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.sources import otus_world as otus

from passback.hooks import otus as hook
from passback.settings import Settings
from passback.sources.otus.extract import extract_otus
from sandbox.server import Sandbox, running

SETTINGS = Settings(
    file=Path("district.toml"), name="Example Unified", time_zone="America/Chicago",
    effective_date=dt.date(2026, 8, 24),
)  # fmt: skip
CURSOR = "select updated_since from passback.cursor where source = 'otus'"
POINTS = "select id, points from staging.otus_score where invalid is null order by id"


def scores(count: int) -> list[Any]:
    """So many different scores."""
    return [otus.record("scores", id=f"r{number:03}") for number in range(count)]


class OtusSource:
    """A served Otus, and its extractions; calls give up after three seconds, an answer after one."""

    def __init__(self, uri: str, patch: pytest.MonkeyPatch, opened: ExitStack) -> None:
        patch.setattr(hook, "FIRST_BACKOFF_SECONDS", 0.05)
        patch.setattr(hook, "PATIENCE_SECONDS", 3.0)
        patch.setattr(hook, "ATTEMPT_SECONDS", 1.0)
        self.uri, self._patch, self._opened = uri, patch, opened

    def serve(self, objects: dict[str, list[Any]], **switches: Any) -> Sandbox:
        """Serves these objects from now on."""
        box = self._opened.enter_context(running(otus.district(objects), otus=switches))
        self._patch.setenv("AIRFLOW_CONN_OTUS", box.connections()["AIRFLOW_CONN_OTUS"])
        return box

    def extract(self, **more: Any) -> dict[str, Any]:
        """One extraction of a run of its own."""
        return extract_otus(self.uri, otus.new_run(self.uri), SETTINGS, False, **more)

    def select(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        return otus.select(self.uri, statement)

    def points(self) -> dict[str, float | None]:
        """The staged points of every score that can be read."""
        return {row["id"]: row["points"] for row in self.select(POINTS)}
