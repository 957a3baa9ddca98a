"""What a benchmark stands on: a home of its own, the embedded PostgreSQL, and two equal districts over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from passback.local import processes
from passback.local.environment import environment
from passback.local.home import PROJECT
from passback.local.postgres import Postgres
from sandbox.control import Control

SEED = 7
# A district of a million scores is made in about a minute on a busy machine.
READY_SECONDS = 900.0
DAY = "2026-10-15"
STRAW = "straw_man"
SETTINGS = """\
name = "Benchmark Unified"
time_zone = "America/Chicago"
effective_date = 2026-08-24

[categories.otus]
Quiz = "Quizzes"
Test = "Tests"
Homework = "Homework"

[schools.102.categories.otus]
Quiz = "Daily Work"

# A first night of a million scores has thousands of zeros, and the straw man sends them all.
[guard]
new_zeros = 100000000

[delivery]
in_flight = {in_flight}
"""


@dataclass(frozen=True)
class Size:
    """What is to be measured: how many scores, how far away PowerSchool is, how many requests may be under way."""

    scores: int
    latency_ms: int
    in_flight: int
    shards_at_once: int


@dataclass(frozen=True)
class District:
    """A sandbox that serves: its connections (in Airflow's JSON form), its control interface and its process."""

    connections: dict[str, str]
    control: Control
    pid: int


@dataclass(frozen=True)
class World:
    """Everything that runs for one measurement; both districts hold the same data."""

    home: Path
    server: Postgres
    settings: Path
    product: District
    straw_man: District
    size: Size

    def environment(self) -> dict[str, str]:
        """The variables of the product's processes."""
        ours = environment(self.home, _bare() | self.product.connections | {"PASSBACK_DISTRICT": str(self.settings)})
        return ours | {"PYTHONPATH": os.pathsep.join(map(str, (PROJECT, PROJECT / "plugins", PROJECT / "include")))}

    @property
    def uri(self) -> str:
        """The product's database."""
        return self.server.uri()

    @property
    def straw_uri(self) -> str:
        """The straw man's database, in the same server."""
        return self.server.uri(STRAW)

    @property
    def logs(self) -> Path:
        """Where the processes write what they have to say."""
        return self.home / "logs"


@contextmanager
def opened(size: Size, keep: bool) -> Iterator[World]:
    """A fresh world for the length of the block; `keep` leaves its home (database, logs, reports) behind."""
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="passback-bench-")) if keep else Path(stack.enter_context(_temporary()))
        (home / "logs").mkdir()
        settings = home / "district.toml"
        settings.write_text(SETTINGS.format(in_flight=size.in_flight), encoding="utf-8")
        server = Postgres(home)
        stack.callback(server.stop)
        server.start()
        with psycopg.connect(server.uri("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {STRAW}")
        # Both are made side by side: each takes one core for a while.
        starting = [stack.enter_context(_sandbox(home, name, size)) for name in ("product", "straw")]
        product, straw_man = (_when_ready(process, home, name) for process, name in starting)
        yield World(home, server, settings, product, straw_man, size)


def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="passback-bench-", ignore_cleanup_errors=True)


def _bare() -> dict[str, str]:
    """This process's variables without what would make a benchmark depend on where it is started."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PASSBACK"))}


@contextmanager
def _sandbox(home: Path, name: str, size: Size) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    switches: dict[str, Any] = {"log_bodies": False}
    command = [
        sys.executable, "-m", "sandbox", "serve", "--district", "generated", "--scores", str(size.scores),
        "--seed", str(SEED), "--as-of", DAY, "--ready-file", str(home / f"{name}.json"),
        "--powerschool-switches", json.dumps(switches | {"latency_ms": size.latency_ms}),
        "--otus-switches", json.dumps(switches),
    ]  # fmt: skip
    with (home / "logs" / f"sandbox-{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=_bare() | {"PYTHONPATH": str(PROJECT / "include")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=processes.die_with_parent,  # noqa: PLW1509  # nothing else runs in this process yet
        )
    try:
        yield process, name
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _when_ready(process: subprocess.Popen[bytes], home: Path, name: str) -> District:
    ready, deadline = home / f"{name}.json", time.monotonic() + READY_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            log = home / "logs" / f"sandbox-{name}.log"
            raise SystemExit(f"the sandbox does not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.1)
    told: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))
    connections = {key: value for key, value in told.items() if key.startswith("AIRFLOW_CONN_")}
    return District(connections, Control(told["control_url"]), process.pid)
