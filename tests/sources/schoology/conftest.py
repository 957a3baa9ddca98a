"""Fixtures of the tests of Schoology as a source: settings without a limit, a served Schoology, one call to extract."""

import datetime as dt
from collections.abc import Callable, Iterator
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
from sandbox.district import SchoologySection
from sandbox.server import Sandbox, running

Extract = Callable[..., dict[str, Any]]
Serve = Callable[..., Sandbox]


@pytest.fixture
def settings() -> Settings:
    """An example district's settings, with no limit on requests that a test would feel."""
    return Settings(
        file=Path("district.toml"), name="Example Unified", time_zone="America/Chicago",
        effective_date=dt.date(2026, 8, 24), schoology=Schoology(requests_per_5_seconds=100_000),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are real, and short."""
    monkeypatch.setattr(client, "FIRST_BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr(patience, "LONGEST_BACKOFF_SECONDS", 0.05)
    monkeypatch.setattr(reading, "SECTION_PATIENCE_SECONDS", 0.3)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Serves sections by the sandbox's Schoology, which the connection `schoology` points to."""
    with ExitStack() as stack:

        def serve(*sections: SchoologySection, **switches: Any) -> Sandbox:
            given = {"requests_per_5_seconds": 0, **switches}
            sandbox = stack.enter_context(running(world.district(sections), schoology=given))
            monkeypatch.setenv("AIRFLOW_CONN_SCHOOLOGY", sandbox.connections()["AIRFLOW_CONN_SCHOOLOGY"])
            return sandbox

        yield serve


@pytest.fixture
def extract(database_uri: str, settings: Settings) -> Extract:
    """Extracts Schoology for a new run, or for `run_key`; other words are settings of [schoology] or arguments."""
    from passback.sources.schoology.extract import extract_schoology

    def extract(
        run_key: int | None = None, full_sweep_days: int = 7, multiget: int = 50, page: int = 200, **more: Any
    ) -> dict[str, Any]:
        changed = replace(
            settings,
            schoology=replace(settings.schoology, full_sweep_days=full_sweep_days),
            batches=replace(settings.batches, multiget=multiget, schoology_page=page),
        )
        return extract_schoology(database_uri, run_key or new_run(database_uri), changed, **more)

    return extract
