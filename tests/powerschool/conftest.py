"""Fixtures of the PowerSchool tests."""

from collections.abc import Iterator

import pytest

from passback import stop


@pytest.fixture
def stoppable() -> Iterator[None]:
    """Takes a request to stop back at the end of the test."""
    yield
    stop.forget()
