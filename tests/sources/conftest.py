"""Fixtures of the sources' tests: settings, a connection `otus`, and one call for a whole extraction."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sources import otus_world as otus

from passback.settings import Settings
from sandbox.server import Sandbox, running

Extract = Callable[..., dict[str, Any]]


@pytest.fixture
def settings() -> Settings:
    """An example district's settings."""
    return Settings(
        file=Path("district.toml"), name="Example Unified", time_zone="America/Chicago",
        effective_date=dt.date(2026, 8, 24),
    )  # fmt: skip


@pytest.fixture
def extract(database_uri: str, settings: Settings) -> Extract:
    """Extracts Otus for a new run."""
    from passback.sources.otus.extract import extract_otus

    def extract(*, dry_run: bool = False, **more: Any) -> dict[str, Any]:
        return extract_otus(database_uri, otus.new_run(database_uri), settings, dry_run, **more)

    return extract


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A whole export of one good object a collection, which the connection `otus` points to."""
    folder = otus.write_export(tmp_path / "otus", otus.world())
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", json.dumps({"conn_type": "file", "extra": {"path": str(folder)}}))
    return folder


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sandbox]]:
    """Serves objects over HTTP by the sandbox's Otus, which the connection `otus` points to."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def serve(objects: dict[str, list[Any]], **switches: Any) -> Sandbox:
            sandbox = stack.enter_context(running(otus.district(objects), otus=switches))
            monkeypatch.setenv("AIRFLOW_CONN_OTUS", sandbox.connections()["AIRFLOW_CONN_OTUS"])
            return sandbox

        yield serve
