"""The embedded server: it starts, stops, survives kill -9, and two starters of one home find one server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from passback.local.home import BusyError, is_held, locked
from passback.local.postgres import Postgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "home", durable=False)
    yield server
    server.stop()


def main_process(server: Postgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def ask(server: Postgres, statement: str) -> object:
    with psycopg.connect(server.uri(), autocommit=True) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[call-overload]
        return row and row[0]


def test_it_starts_with_both_databases_and_stops(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.uri("airflow")) as connection:
        assert connection.execute("select current_database()").fetchone() == ("airflow",)
    assert ask(server, "show listen_addresses") == ""
    assert ask(server, "show fsync") == "off"
    server.stop()
    assert not server.is_running()
    server.stop()


def test_by_default_a_commit_reaches_the_disk(tmp_path: Path) -> None:
    server = Postgres(tmp_path).start()
    try:
        assert [ask(server, f"show {name}") for name in ("fsync", "synchronous_commit")] == ["on"] * 2
    finally:
        server.stop()


def test_a_second_start_finds_the_running_server(server: Postgres) -> None:
    server.start()
    first = main_process(server)
    server.start()
    assert main_process(server) == first


def test_after_a_kill_it_starts_again_with_what_was_committed(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.uri(), autocommit=True) as connection:
        connection.execute("create table kept as select 7 as n")
        os.kill(main_process(server), signal.SIGKILL)
    server.start()
    assert ask(server, "select n from kept") == 7


def test_a_foreign_pid_in_the_pid_file_does_not_block_the_start(server: Postgres) -> None:
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n0\n5432\n{server.socket_folder}\n\n\n")
    assert not server.is_running()
    server.start()
    assert server.is_running()


def test_an_interrupted_initdb_is_done_again(server: Postgres) -> None:
    (server.folder / "data.new").mkdir(parents=True)
    (server.folder / "data.new" / "half").write_text("written")
    server.start()
    assert ask(server, "select 1") == 1


def test_two_starters_of_one_home_find_one_server(server: Postgres) -> None:
    program = (
        "import sys; from pathlib import Path; from passback.local.postgres import Postgres;"
        "server = Postgres(Path(sys.argv[1]), durable=False).start();"
        "print((server.data / 'postmaster.pid').read_text().split()[0])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(server.home)], stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(2)
    ]
    assert {starter.communicate(timeout=60)[0] for starter in starters} == {f"{main_process(server)}\n"}


def test_a_deep_home_gets_a_short_socket(tmp_path: Path) -> None:
    server = Postgres(tmp_path / ("d" * 100), durable=False)
    assert len(os.fsencode(server.socket_folder)) < 90
    assert server.socket_folder != Postgres(tmp_path / ("e" * 100)).socket_folder
    try:
        server.start()
        assert ask(server, "select 1") == 1
    finally:
        server.stop()
        server.socket_folder.rmdir()


def test_a_lock_is_held_by_one_and_freed_by_death(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    program = (
        "import sys, time; from pathlib import Path; from passback.local.home import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert other.stdout and other.stdout.readline() == "held\n"
    assert is_held(path)
    with pytest.raises(BusyError, match=str(other.pid)), locked(path):
        pass
    other.kill()
    other.wait()
    started = time.monotonic()
    with locked(path, wait_seconds=5):
        assert time.monotonic() - started < 2
    assert not is_held(path)
