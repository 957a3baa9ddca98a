"""Fixtures of the reconciliation's tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.reconciliation.world import World

from passback.local.postgres import Postgres


@pytest.fixture
def world(database_uri: str, tmp_path: Path) -> Iterator[World]:
    """A migrated database with one school and one section, and an empty folder for reports."""
    made = World(database_uri, tmp_path / "reports")
    made.roster()
    yield made
    made.connection.close()


@pytest.fixture(scope="module")
def template_world(
    postgres: Postgres, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One world for all examples of a property-based test: each writes a run of its own into it."""
    name = f"property_{os.getpid()}"
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as administrator:
        administrator.execute(f"create database {name} template {template_database} strategy file_copy")
    made = World(postgres.uri(name), tmp_path_factory.mktemp("reports"))
    made.roster()
    yield made
    made.connection.close()
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as administrator:
        administrator.execute(f"drop database {name} with (force)")
