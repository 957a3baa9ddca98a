"""The database fails in the middle of a night: it says what to do, nothing is lost, and the next run carries on."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.delivery.conftest import Nights, small_gradebook

from passback import database, steps
from passback.errors import Transient
from passback.local.environment import database_connection
from passback.local.postgres import Postgres
from sandbox.server import running

NIGHT = "passback_nightly"
DONE = {"1001": 8, "1002": 8, "1003": 8}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server of these tests' own, which may be killed."""
    home = Path(tempfile.mkdtemp(prefix="passback-faults-"))
    own = Postgres(home, durable=False).start()
    yield own
    own.stop()
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def nights_on(server: Postgres, options: str, home: Path, patch: pytest.MonkeyPatch) -> Iterator[Nights]:
    """Nights over the small gradebook, on a fresh database of that server."""
    with psycopg.connect(server.uri("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists faults with (force)")
        connection.execute(f"create database faults {options}")
    database.migrate(server.uri("faults"))
    patch.setenv("AIRFLOW_CONN_PASSBACK_DB", database_connection(server, "faults"))
    patch.setenv("PASSBACK_HOME", str(home))
    patch.setenv("PASSBACK_REPORTS", str(home / "reports"))
    patch.setenv("PASSBACK_DISTRICT", "")
    with running(small_gradebook()) as box:
        for name, value in box.connections().items():
            patch.setenv(name, value)
        made = Nights(server.uri("faults"), box, home)
        made.settings(("settle_seconds = 300", "settle_seconds = 0"))
        yield made


@pytest.fixture
def faulty(server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    """Nights on a server that may be killed; it runs again at the end."""
    server.start()
    with nights_on(server, "", tmp_path, monkeypatch) as made:
        yield made
    server.start()


def backends(server: Postgres) -> list[int]:
    """The processes that serve the district's database."""
    with psycopg.connect(server.uri("postgres"), autocommit=True) as connection:
        found = connection.execute(
            "select pid from pg_stat_activity where datname = 'faults' and backend_type = 'client backend'"
        )
        return [row[0] for row in found.fetchall()]


def kill_a_backend(server: Postgres) -> None:
    """`kill -9` of one: PostgreSQL throws all others out and recovers."""
    os.kill(backends(server)[0], signal.SIGKILL)


def end_the_connections(server: Postgres) -> None:
    """What an administrator or a failing network does."""
    with psycopg.connect(server.uri("postgres"), autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'faults'")


def failure_of(step: Callable[[], Any], once: Callable[[], bool], fault: Callable[[], Any]) -> str:
    """Runs the step, lets the fault happen once that is so, and gives what the step says of it."""
    said: list[str] = []

    def work() -> None:
        try:
            step()
        except Transient as error:
            said.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 60
    while thread.is_alive() and not once() and time.monotonic() < deadline:
        time.sleep(0.02)
    fault()
    thread.join(60)
    assert said, "the step did not fail, or otherwise than with Transient"
    return said[0]


def finish_and_check(nights: Nights, run_id: str) -> None:
    """The night after the fault: everything once, and the books balance."""
    shards = steps.plan(NIGHT, run_id)
    nights.deliver(run_id, shards)
    report = nights.finish(run_id)
    assert report.summary["balanced"] is True
    assert [nights.points(item) for item in ("quiz", "essay", "lab")] == [DONE, DONE, DONE]
    again = nights.run()
    assert (again.writes, again.red) == ([], [])
    assert again.totals("scores") == {"unchanged": 9}


@pytest.mark.parametrize("fault", [kill_a_backend, end_the_connections, Postgres.stop])
def test_a_database_that_goes_away_in_the_middle_of_delivery_loses_and_doubles_nothing(
    faulty: Nights, server: Postgres, fault: Callable[[Postgres], None]
) -> None:
    run_id, shards = faulty.planned()
    faulty.powerschool.switches(latency_ms=200)
    said = failure_of(
        lambda: faulty.deliver(run_id, shards),
        lambda: len(faulty.box.control.writes()) >= 2,
        lambda: fault(server),
    )
    assert "district's database" in said
    assert "check that PostgreSQL runs" in said
    faulty.powerschool.switches(latency_ms=0)
    time.sleep(0.5)
    server.start()
    finish_and_check(faulty, run_id)


def test_a_connection_lost_in_an_extraction_keeps_nothing_of_it(faulty: Nights, server: Postgres) -> None:
    run_id = "lost"
    asked = steps.rebuilding.asked_by_hand({"as_of": "2026-10-15"})
    asked = type(asked)(NIGHT, run_id, False, None, asked.created_at, asked.parameters)
    steps.open_run(asked)
    faulty.otus.switches(latency_ms=300)
    said = failure_of(
        lambda: steps.extract_source(NIGHT, run_id, "otus"),
        lambda: len(faulty.otus.log()) >= 2,
        lambda: end_the_connections(server),
    )
    assert "while otus was extracted" in said
    faulty.otus.switches(latency_ms=0)
    with database.connect(faulty.uri) as connection:
        assert connection.execute("select count(*) from staging.otus_user").fetchone() == (0,)
    assert faulty.run().totals("scores") == {"created": 9}


def test_a_connection_lost_while_judging_keeps_nothing_of_it(faulty: Nights, server: Postgres) -> None:
    run_id, _ = faulty.planned()
    with psycopg.connect(faulty.uri) as other:
        other.execute("lock table passback.run_item in share mode")
        said = failure_of(
            lambda: steps.evaluate(NIGHT, run_id), lambda: waiting(server) != [], lambda: end_the_waiting(server)
        )
    assert "check that PostgreSQL runs" in said
    steps.evaluate(NIGHT, run_id)
    finish_and_check(faulty, run_id)


def test_a_server_that_is_down_is_told_by_every_step(faulty: Nights, server: Postgres) -> None:
    run_id, shards = faulty.planned()
    server.stop()
    for step in (
        faulty.planned, lambda: steps.extract_source(NIGHT, run_id, "otus"),
        lambda: steps.check_quality(NIGHT, run_id), lambda: steps.evaluate(NIGHT, run_id),
        lambda: steps.plan(NIGHT, run_id), lambda: steps.deliver(NIGHT, run_id, 1), lambda: steps.verify(NIGHT, run_id),
        lambda: steps.reconcile(NIGHT, run_id), lambda: steps.verdict(NIGHT, run_id, {}),
        lambda: steps.delete_old_runs(dry_run=False),
    ):  # fmt: skip
        with pytest.raises(Transient, match="cannot be reached"):
            step()
    server.start()
    faulty.deliver(run_id, shards)
    assert faulty.finish(run_id).totals("scores") == {"created": 9}


def waiting(server: Postgres) -> list[int]:
    """The processes whose statements wait for another's lock."""
    with psycopg.connect(server.uri("postgres"), autocommit=True) as connection:
        found = connection.execute("select pid from pg_stat_activity where wait_event_type = 'Lock'").fetchall()
        return [row[0] for row in found]


def end_the_waiting(server: Postgres) -> None:
    """Ends their connections."""
    with psycopg.connect(server.uri("postgres"), autocommit=True) as connection:
        for pid in waiting(server):
            connection.execute("select pg_terminate_backend(%s)", [pid])


@pytest.fixture
def small_disk(server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Nights, Path]]:
    """Nights on a database whose files lie on a disk of 40 MB, and where that is."""
    disk = Path(tempfile.mkdtemp(prefix="passback-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m,mode=0700", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        disk.rmdir()
        pytest.skip("a disk of its own can be mounted by root only")
    try:
        owner = server.data.stat()
        os.chown(disk, owner.st_uid, owner.st_gid)
        with psycopg.connect(server.uri("postgres"), autocommit=True) as connection:
            connection.execute("drop tablespace if exists small")
            connection.execute(f"create tablespace small location '{disk}'")
        with nights_on(server, "tablespace small", tmp_path, monkeypatch) as made:
            yield made, disk
        with psycopg.connect(server.uri("postgres"), autocommit=True) as connection:
            connection.execute("drop database faults with (force)")
            connection.execute("drop tablespace small")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
        disk.rmdir()


def fill(disk: Path) -> None:
    """Somebody's file takes the last page of the disk."""
    with (disk / "ballast").open("ab", buffering=0) as file:
        for size in (1 << 20, 4096):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)


def free(disk: Path) -> None:
    """Makes room again."""
    (disk / "ballast").unlink()


def forget(nights: Nights) -> None:
    """The run's tables are as small as on a first night: each step has to take new pages for its rows."""
    with database.connect(nights.uri) as connection:
        tables = ("run_item", "run_score", "plan_item", "plan_score")
        connection.execute("truncate " + ", ".join(f"passback.{table}" for table in tables))


def test_a_full_disk_ends_each_step_clearly_and_the_next_attempt_carries_on(small_disk: tuple[Nights, Path]) -> None:
    nights, disk = small_disk
    fill(disk)
    with pytest.raises(Transient, match=r"its disk is full\. Free space"):
        nights.planned()
    free(disk)
    run_id, _ = nights.planned()
    forget(nights)
    for step in (steps.evaluate, steps.plan):
        fill(disk)
        with pytest.raises(Transient, match=r"its disk is full\. Free space"):
            step(NIGHT, run_id)
        free(disk)
        step(NIGHT, run_id)
    finish_and_check(nights, run_id)


def test_a_disk_that_fills_up_between_post_and_proof_doubles_nothing(small_disk: tuple[Nights, Path]) -> None:
    nights, disk = small_disk
    run_id, shards = nights.planned()
    nights.powerschool.switches(latency_ms=400)
    said = failure_of(
        lambda: nights.deliver(run_id, shards),
        lambda: any(write["kind"] == "create" for write in nights.box.control.writes()),
        lambda: fill(disk),
    )
    assert "its disk is full. Free space" in said
    nights.powerschool.switches(latency_ms=0)
    assert len(nights.powerschool.assignments()) >= 1
    free(disk)
    finish_and_check(nights, run_id)


def test_what_a_step_says_of_a_lost_database_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "s3cr3t"
    gone = {
        "conn_type": "postgres",
        "host": "127.0.0.1",
        "port": 1,
        "login": "passback",
        "password": secret,
        "schema": "x",
    }
    monkeypatch.setenv("AIRFLOW_CONN_PASSBACK_DB", json.dumps(gone))
    with pytest.raises(Transient) as told, database.connect():
        pass
    assert secret not in str(told.value)
