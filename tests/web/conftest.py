"""Fixtures of the pages' tests: a running Airflow, asked as nobody, as a viewer and as the administrator."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from tests.web.log_world import LogWorld

from passback import database
from passback.local.rest import Airflow, AirflowError

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


@pytest.fixture
def quiet(running_airflow: Airflow) -> Iterator[Airflow]:
    """The running Airflow with no run of the sync, and no task that starts: a sync stays under way."""
    for run in syncs(running_airflow):
        forget(running_airflow, run["dag_run_id"])
    _slots(running_airflow, 0)
    yield running_airflow
    for run in syncs(running_airflow):
        forget(running_airflow, run["dag_run_id"])
    _slots(running_airflow, 128)


@contextmanager
def holding(airflow: Airflow, conf: dict[str, Any]) -> Iterator[str]:
    """A sync with these parameters that is under way for the length of the block, and then is gone; its run id."""
    run_id = airflow.trigger("passback_sync", conf)
    try:
        yield run_id
    finally:
        forget(airflow, run_id)


def forget(airflow: Airflow, run_id: str) -> None:
    """Take the run away; the scheduler may be at it in the same moment, which Airflow's database refuses."""
    for attempts_left in reversed(range(5)):
        try:
            airflow.call("PATCH", f"dags/passback_sync/dagRuns/{run_id}", json={"state": "failed"})
            airflow.call("DELETE", f"dags/passback_sync/dagRuns/{run_id}")
            return
        except AirflowError:
            if not attempts_left:
                raise
            time.sleep(0.3)


def syncs(airflow: Airflow) -> list[dict[str, Any]]:
    """The runs of the sync, the oldest first."""
    found = airflow.call("GET", "dags/passback_sync/dagRuns", params={"limit": 100, "order_by": "id"})["dag_runs"]
    return list(found)


def _slots(airflow: Airflow, slots: int) -> None:
    wanted = {"pool": "default_pool", "slots": slots}
    airflow.call("PATCH", "pools/default_pool", params={"update_mask": "slots"}, json=wanted)
