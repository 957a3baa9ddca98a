"""Fixtures of the pages' tests: a running Airflow, asked as nobody, as a viewer and as the administrator."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests

from passback import database
from passback.local.rest import Airflow
from tests.web.log_world import LogWorld

COOKIE = "_token"


class Visitor:
    """Somebody's browser: the pages of `airflow` with the cookie of `user`, or with none."""

    def __init__(self, airflow: Airflow, user: str | None, password: str = "") -> None:
        self.url = airflow.url
        self.user = user
        self.token = ""
        self.session = requests.Session()
        self.session.trust_env = False
        if user:
            answer = self.session.post(
                f"{self.url}/auth/token", json={"username": user, "password": password}, timeout=60
            )
            assert answer.ok, answer.text
            self.token = str(answer.json()["access_token"])
            self.session.cookies.set(COOKIE, self.token, domain=urlsplit(self.url).hostname or "", path="/")

    def get(self, route: str = "", accept: str = "text/html", **parameters: object) -> requests.Response:
        """GET of one of our pages, without following a redirect."""
        return self.session.get(
            f"{self.url}/passback/{route}", params=parameters, headers={"Accept": accept}, timeout=60,
            allow_redirects=False,
        )  # fmt: skip

    def post(self, route: str, body: Any, origin: str | None = "", **headers: str) -> requests.Response:
        """POST as a page of ours would; `origin` None: without that header, another text: from there."""
        sent = {"Accept": "application/json"} | headers
        if origin is not None:
            sent["Origin"] = origin or self.url
        return self.session.post(f"{self.url}/passback/{route}", json=body, headers=sent, timeout=60)


@pytest.fixture
def passwords(running_airflow: Airflow) -> dict[str, str]:
    """The log-ins of the running Airflow, as it keeps them."""
    path = Path(os.environ["PASSBACK_HOME"]) / "airflow" / "passwords.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture
def anonymous(running_airflow: Airflow) -> Visitor:
    """Nobody."""
    return Visitor(running_airflow, None)


@pytest.fixture
def viewer(running_airflow: Airflow, passwords: dict[str, str]) -> Visitor:
    """Somebody who may read DAGs and nothing else."""
    return Visitor(running_airflow, "viewer", passwords["viewer"])


@pytest.fixture
def admin(running_airflow: Airflow, passwords: dict[str, str]) -> Visitor:
    """Somebody who may do everything."""
    return Visitor(running_airflow, "admin", passwords["admin"])


@pytest.fixture
def district(running_database_uri: str) -> Iterator[psycopg.Connection]:
    """A connection that commits each statement, to the database that the running Airflow's pages show."""
    with database.connect(running_database_uri, autocommit=True) as connection:
        yield connection


@pytest.fixture
def log_world(district: psycopg.Connection) -> LogWorld:
    """The same database, to be filled for the status log."""
    return LogWorld(district)


@pytest.fixture
def empty_running_database(running_database_uri: str) -> None:
    """The running Airflow's district database with nothing in it, as before the first run."""
    with psycopg.connect(running_database_uri, autocommit=True) as connection:
        connection.execute("drop schema report, passback, staging cascade")


@contextmanager
def paused(airflow: Airflow, dag_id: str) -> Iterator[None]:
    """The DAG paused for the length of the block."""
    airflow.pause(dag_id, True)
    try:
        yield
    finally:
        airflow.pause(dag_id, False)
