"""Fixtures of the fuzz tests: a ground for nights in the tests' own server."""

from pathlib import Path

import pytest
from fuzz.ground import Ground

from passback.local.postgres import Postgres


@pytest.fixture
def ground(postgres: Postgres, template_database: str, tmp_path: Path) -> Ground:
    """The tests' server and its template; reports go into the test's own folder."""
    return Ground(postgres, template_database, tmp_path)
