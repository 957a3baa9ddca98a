"""Runs that meet, each in processes of its own, over the small gradebook."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.delivery.conftest import nights
from tests.overlap.processes import Crew

__all__ = ["nights"]


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    """Processes of this test, ended with it; none of them was a victim of a deadlock."""
    made = Crew(tmp_path)
    yield made
    made.clear()


@pytest.fixture
def without_deadlocks(nights: Any) -> Iterator[Any]:
    """The nights; at the end PostgreSQL has counted no deadlock in their database."""
    yield nights
    with psycopg.connect(nights.uri) as connection:
        found = connection.execute("select deadlocks from pg_stat_database where datname = current_database()")
        assert found.fetchone() == (0,)
