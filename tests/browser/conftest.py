"""Fixtures of the browser tests: one Chromium, one running Airflow with one night behind it, and people logged in."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from tests.browser import district
from tests.browser.visitor import Visitor

from passback import database
from passback.local.browser import chromium
from passback.local.postgres import Postgres
from passback.local.rest import Airflow
from sandbox.control import Control
from sandbox.server import running

NIGHTLY, SYNC = "passback_nightly", "passback_sync"
# Nothing of the browser's own reaches another machine either: every other name and address is unknown to it.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@dataclass(frozen=True)
class World:
    """What the pages show: the running Airflow, the sandbox behind its connections, and the district's database."""

    airflow: Airflow
    control: Control
    uri: str

    def night(self) -> str:
        """A night of today, waited for; its run id."""
        run_id = self.airflow.trigger(NIGHTLY)
        state = self.airflow.wait(NIGHTLY, run_id, seconds=400)
        assert state == "success", "\n".join(self.why_red(run_id))
        return run_id

    def why_red(self, run_id: str) -> Iterator[str]:
        """The ends of the logs of a night's failed tasks."""
        for task in self.airflow.tasks(NIGHTLY, run_id):
            if task["state"] == "failed":
                log = self.airflow.log(NIGHTLY, run_id, task["task_id"], task["try_number"], task["map_index"])
                yield f"{task['task_id']}: {log[-3000:]}"

    def execute(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Run a statement in the district's database; gives its rows."""
        with psycopg.connect(self.uri) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def syncs(self) -> list[dict[str, object]]:
        """Every run of the sync DAG, the newest first."""
        found = self.airflow.call("GET", f"dags/{SYNC}/dagRuns", params={"order_by": "-id", "limit": 100})
        return list(found["dag_runs"])


@pytest.fixture(scope="session")
def world(postgres: Postgres, running_airflow: Airflow) -> Iterator[World]:
    """The running Airflow over the tests' own district, after its first night."""
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists passback with (force)")
        connection.execute("create database passback")
    database.migrate(postgres.uri("passback"))
    with running(district.build()) as box:
        for variable, text in box.connections().items():
            running_airflow.set_connection(variable.removeprefix("AIRFLOW_CONN_").lower(), json.loads(text))
        for dag_id in (NIGHTLY, SYNC):
            running_airflow.wait_for_dag(dag_id)
            running_airflow.pause(dag_id, paused=False)
        made = World(running_airflow, box.control, postgres.uri("passback"))
        made.night()
        yield made


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright with its own driver process; a module's, since it keeps the thread's event loop while it lives."""
    with sync_playwright() as driver:
        expect.set_options(timeout=15_000)
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The machine's Chromium, installed where there is none."""
    with playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS) as opened:
        yield opened


@pytest.fixture(scope="module")
def contexts(browser: Browser, world: World) -> Iterator[Callable[..., BrowserContext]]:
    """Logged-in browser contexts by user, kept for the module with what they have cached."""
    with ExitStack() as stack:
        opened: dict[tuple[str, str], BrowserContext] = {}

        def context(user: str, scheme: str = "light") -> BrowserContext:
            if (user, scheme) not in opened:
                fresh = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})  # type: ignore[arg-type]
                opened[user, scheme] = stack.enter_context(fresh)
                if user:
                    log_in(fresh.new_page(), world.airflow.url, user)
                    fresh.pages[0].close()
            return opened[user, scheme]

        yield context


@pytest.fixture
def visitor(contexts: Callable[..., BrowserContext], world: World) -> Iterator[Callable[..., Visitor]]:
    """Visitors by user ("" is nobody) and color scheme; at the end each must leave without a complaint."""
    visitors: list[Visitor] = []

    def visit(user: str, scheme: str = "light") -> Visitor:
        visitors.append(Visitor(contexts(user, scheme), world.airflow.url))
        return visitors[-1]

    yield visit
    for each in visitors:
        each.leave()


@pytest.fixture
def admin(visitor: Callable[..., Visitor]) -> Visitor:
    """An administrator, who may do everything."""
    return visitor("admin")


@pytest.fixture
def viewer(visitor: Callable[..., Visitor]) -> Visitor:
    """A viewer, who may only read."""
    return visitor("viewer")


@pytest.fixture
def anonymous(visitor: Callable[..., Visitor]) -> Visitor:
    """Somebody who has not logged in."""
    return visitor("")


def log_in(page: Page, airflow_url: str, user: str) -> None:
    """Log in by Airflow's own form."""
    page.goto(f"{airflow_url}/auth/login")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password(user))
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{airflow_url}/")
    page.wait_for_load_state()


def password(user: str) -> str:
    """A user's password in the tests' Airflow."""
    kept = Path(os.environ["AIRFLOW_HOME"]) / "passwords.json"
    return str(json.loads(kept.read_text(encoding="utf-8"))[user])
