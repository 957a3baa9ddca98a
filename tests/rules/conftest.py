"""Fixtures of the rules' tests."""

from collections.abc import Iterator

import pytest
from tests.rules.schoology_staged import StagedSchoology
from tests.rules.staged import Staged, own_database

from passback.local.postgres import Postgres


@pytest.fixture(scope="package")
def staged_uri(postgres: Postgres, template_database: str) -> Iterator[str]:
    """One migrated database for the tests that stage rows."""
    with own_database(postgres, template_database) as uri:
        yield uri


@pytest.fixture
def staged(staged_uri: str) -> Iterator[Staged]:
    """A small district in staging, and no item yet."""
    made = Staged(staged_uri)
    made.empty()
    made.district()
    yield made
    made.connection.close()


@pytest.fixture
def schoology(staged_uri: str) -> Iterator[StagedSchoology]:
    """A small district in staging with one Schoology section, and no item yet."""
    made = StagedSchoology(staged_uri)
    made.empty()
    made.district()
    yield made
    made.connection.close()
