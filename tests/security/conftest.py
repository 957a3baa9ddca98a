"""Fixtures of the security tests: a running Airflow whose pages show two real nights, and its visitors."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from requests.adapters import HTTPAdapter
from tests.delivery.conftest import Nights
from tests.security import hostile_texts
from tests.security.routes import Known
from tests.web.conftest import Visitor, passwords
from urllib3.util import Retry

from passback.local.environment import database_connection
from passback.local.postgres import Postgres
from passback.local.rest import Airflow
from sandbox.server import running
from sandbox.small import small_district

__all__ = ["passwords"]


@pytest.fixture(scope="module")
def shown(running_airflow: Airflow, postgres: Postgres, template_database: str) -> Iterator[Known]:
    """What the running Airflow's pages show: two nights of the small district, made in this process."""
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists passback with (force)")
        connection.execute(f"create database passback template {template_database} strategy file_copy")
    with pytest.MonkeyPatch.context() as patch, running(small_district().district) as box:
        patch.setenv("AIRFLOW_CONN_PASSBACK_DB", database_connection(postgres))
        for name, value in box.connections().items():
            patch.setenv(name, value)
        nights = Nights(postgres.uri("passback"), box, Path(os.environ["PASSBACK_HOME"]))
        nights.run()
        nights.run("2026-10-16")
    yield Known.of(postgres.uri("passback"), Path(os.environ["PASSBACK_REPORTS"]))


@pytest.fixture
def hostile(shown: Known, postgres: Postgres) -> Iterator[Known]:
    """The same with an attack in every text of the database that a person or a system wrote."""
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists passback_benign with (force)")
        connection.execute("alter database passback rename to passback_benign")
        connection.execute("create database passback template passback_benign strategy file_copy")
    hostile_texts.poison(postgres.uri("passback"))
    yield Known.of(postgres.uri("passback"), shown.reports)
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute("drop database passback with (force)")
        connection.execute("alter database passback_benign rename to passback")


def patient(visitor: Visitor) -> Visitor:
    """The same visitor, who asks again where the server has closed a connection that was idle."""
    visitor.session.mount("http://", HTTPAdapter(max_retries=Retry(3, status=0, allowed_methods=None)))
    return visitor


@pytest.fixture
def anonymous(running_airflow: Airflow) -> Visitor:
    """Nobody."""
    return patient(Visitor(running_airflow, None))


@pytest.fixture
def viewer(running_airflow: Airflow, passwords: dict[str, str]) -> Visitor:
    """Somebody who may read DAGs and nothing else."""
    return patient(Visitor(running_airflow, "viewer", passwords["viewer"]))


@pytest.fixture
def admin(running_airflow: Airflow, passwords: dict[str, str]) -> Visitor:
    """Somebody who may do everything."""
    return patient(Visitor(running_airflow, "admin", passwords["admin"]))


@pytest.fixture
def without_rights(running_airflow: Airflow, clean_environment: dict[str, str]) -> Visitor:
    """Somebody who is logged in, and whom Airflow gives no right at all: not even that to read a DAG."""
    from tests.security.tokens import token_of

    visitor = patient(Visitor(running_airflow, None))
    visitor.token = token_of(Path(os.environ["PASSBACK_HOME"]), "newcomer", role=None)
    visitor.session.cookies.set("_token", visitor.token, domain="127.0.0.1", path="/")
    return visitor
