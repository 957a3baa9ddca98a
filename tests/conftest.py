"""Fixtures of every test: a real PostgreSQL, a migrated database per test, Airflow here and Airflow running."""

import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from passback.local import down, up
from passback.local.environment import database_connection, environment
from passback.local.home import is_held, locked
from passback.local.postgres import Postgres
from passback.local.rest import Airflow

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

TEMPLATE = "passback_template"
HOME = Path(tempfile.mkdtemp(prefix="passback-tests-"))
_numbers = itertools.count(1)


def _clear(home: Path) -> None:
    down.down(home)
    shutil.rmtree(home, ignore_errors=True)


# The kernel frees the lock of a session that was killed: the next one ends what that one left running.
_session = ExitStack()
_airflow = ExitStack()
_session.enter_context(locked(HOME / "session.lock"))
for _lock in HOME.parent.glob("passback-tests-*/session.lock"):
    if _lock.stat().st_uid == os.geteuid() and not is_held(_lock):
        _clear(_lock.parent)

# Before any test module imports Airflow, which reads its environment once; nothing of the developer's own comes in.
_outside = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PASSBACK_"))}
for _name in os.environ.keys() - _outside.keys():
    del os.environ[_name]
os.environ.update(environment(HOME, _outside, metadata="airflow_night"))


def _on_airflow(path: str) -> bool:
    """Whether the tests of a file (its path, or a node id) are those of the one running Airflow."""
    return any(part in path for part in ("/browser/", "/web/", "/security/", "/test_scheduler.py"))


class Scheduling(LoadScopeScheduling):
    """Whole files a worker, all tests of the running Airflow one of them, first: xdist's groups need pytest 8."""

    def _split_scope(self, nodeid: str) -> str:
        return "airflow" if _on_airflow(nodeid) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """How `make test` divides the tests."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the running Airflow first, the browser's last of them."""
    items.sort(key=lambda item: (not _on_airflow(str(item.path)), "browser" in item.path.parts))
    if lost := [item.nodeid for item in items if _uses_airflow(item) and not _on_airflow(str(item.path))]:
        raise pytest.UsageError(f"these would start an Airflow of their own in each worker: {', '.join(lost)}")


def _uses_airflow(item: pytest.Item) -> bool:
    return "running_airflow" in getattr(item, "fixturenames", ())


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the running Airflow after the last test of it: idle, it would take a third of a core from the others."""
    if _on_airflow(str(item.path)) and nextitem is not None and not _on_airflow(str(nextitem.path)):
        _airflow.close()


def pytest_unconfigure() -> None:
    """Remove the tests' home, whatever happened in them."""
    if "airflow.settings" in sys.modules:  # its open connections would complain of the server's end
        sys.modules["airflow.settings"].dispose_orm(do_log=False)
    _session.close()
    _clear(HOME)


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """The embedded server in the tests' own home, without the safety of a crash; it stops at the very end."""
    return Postgres(HOME, durable=False).start()


@pytest.fixture(scope="session")
def template_database(postgres: Postgres) -> str:
    """The name of a migrated, empty database, which `database_uri` copies for each test."""
    from passback.database import migrate

    with _administrator(postgres) as connection:
        connection.execute(f"create database {TEMPLATE}")
    migrate(postgres.uri(TEMPLATE))
    with _administrator(postgres) as connection:  # a template must have no connection open
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [TEMPLATE])
    return TEMPLATE


@pytest.fixture
def database_uri(postgres: Postgres, template_database: str) -> Iterator[str]:
    """The URI of a fresh, migrated database of this test's own (a copy takes some 70 ms, by way of the WAL 500)."""
    yield from _database(postgres, f"template {template_database}")


@pytest.fixture
def empty_database_uri(postgres: Postgres) -> Iterator[str]:
    """The URI of a fresh database with nothing in it."""
    yield from _database(postgres, "")


@pytest.fixture
def passback_db(postgres: Postgres, database_uri: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same fresh database as `database_uri`, which the Airflow connection `passback_db` leads to; its URI."""
    name = database_uri.partition("?")[0].rpartition("/")[2]
    monkeypatch.setenv("AIRFLOW_CONN_PASSBACK_DB", database_connection(postgres, name))
    return database_uri


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    """This machine's variables without any of Airflow's or Passback's, for processes that a test starts."""
    return dict(_outside)


@pytest.fixture
def project() -> Path:
    """The project's root."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def airflow_home(postgres: Postgres) -> Path:
    """Airflow in this process (`dag.test()`): its home, with its own database made."""
    from passback.local import metadata

    metadata.prepare()
    return Path(os.environ["AIRFLOW_HOME"])


def _database(postgres: Postgres, options: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with _administrator(postgres) as connection:
        connection.execute(f"create database {name} {options} strategy file_copy")
    yield postgres.uri(name)
    with _administrator(postgres) as connection:
        connection.execute(f"drop database if exists {name} with (force)")


def _administrator(postgres: Postgres) -> psycopg.Connection:
    return psycopg.connect(postgres.uri("postgres"), autocommit=True)


@pytest.fixture(scope="session")
def running_airflow(postgres: Postgres) -> Iterator[Airflow]:
    """A real scheduler and api-server of the project's DAGs: its REST client, with the schedule off.

    Its tasks see connections that a test sets by `set_connection`; `passback_db` leads to the server's database
    `passback`, which `running_database_uri` makes anew.
    """
    given = dict(_outside) | {
        "PASSBACK_SANDBOX": "off",
        "PASSBACK_MORE_USERS": "viewer:viewer",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }
    with _airflow:
        yield _airflow.enter_context(up.running(HOME, given))


@pytest.fixture
def running_database_uri(postgres: Postgres, template_database: str) -> str:
    """The URI of the database that `running_airflow` works on, made anew for this test: a copy, so at once."""
    with _administrator(postgres) as connection:
        connection.execute("drop database if exists passback with (force)")
        connection.execute(f"create database passback template {template_database} strategy file_copy")
    return postgres.uri("passback")
