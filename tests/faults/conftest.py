"""Fixtures of the tests of faults: the small gradebook's nights, and clients and breakers with little patience."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.delivery.conftest import nights
from tests.faults.otus_source import OtusSource
from tests.faults.schoology_source import SchoologySource

from passback.powerschool import breaker, token
from passback.powerschool.client import PowerSchool

__all__ = ["nights"]


@pytest.fixture(autouse=True)
def no_kept_token() -> None:
    """A server on a port that an earlier test had is another server: the token of that one is forgotten."""
    token._kept.clear()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call to PowerSchool gives up after two seconds instead of a minute; the breaker's times shrink with it."""
    patience = {"wait_limit_seconds": 2.0, "timeout_seconds": 1.0}
    monkeypatch.setattr(PowerSchool.__init__, "__kwdefaults__", patience)
    monkeypatch.setattr(breaker, "OPEN_SECONDS", 0.5)
    monkeypatch.setattr(breaker, "LONGEST_OPEN_SECONDS", 1.0)


@pytest.fixture
def otus_source(database_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OtusSource]:
    """Otus as a source, with little patience."""
    with ExitStack() as opened:
        yield OtusSource(database_uri, monkeypatch, opened)


@pytest.fixture
def schoology_source(database_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SchoologySource]:
    """Schoology as a source, with little patience."""
    with ExitStack() as opened:
        yield SchoologySource(database_uri, monkeypatch, opened)
