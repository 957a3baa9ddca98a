"""Fixtures of the PowerSchool tests."""

from collections.abc import Iterator

import pytest

from passback import stop
from passback.powerschool import token


@pytest.fixture(autouse=True)
def no_kept_token() -> None:
    """A server on a port that an earlier test had is another server: the token of that one is forgotten."""
    token._kept.clear()


@pytest.fixture
def stoppable() -> Iterator[None]:
    """Takes a request to stop back at the end of the test."""
    yield
    stop.forget()
