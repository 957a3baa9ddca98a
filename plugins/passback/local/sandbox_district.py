"""The sandbox district beside Airflow, where the environment gives no connection to a district's own systems."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from passback.local import processes
from passback.local.environment import database_connection
from passback.local.home import PROJECT
from passback.local.postgres import Postgres

SYSTEMS = ("OTUS", "SCHOOLOGY", "POWERSCHOOL")
DATABASE = "passback_sandbox"
READY_SECONDS = 60.0


def is_needed(given: Mapping[str, str]) -> bool:
    """Whether the environment leaves room for the sandbox: no system's connection, and not `PASSBACK_SANDBOX=off`."""
    connected = any(given.get(f"AIRFLOW_CONN_{system}") for system in SYSTEMS)
    return not connected and given.get("PASSBACK_SANDBOX", "").lower() != "off"


@contextmanager
def where_needed(
    home: Path, server: Postgres, given: Mapping[str, str]
) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Run the sandbox for the length of the block where it is needed.

    Gives the variables with its connections, and what `up.json` tells about it. The sandbox keeps nothing, so the
    district's database beside it begins anew; and since its calendar is not today's, the schedule is off.
    """
    settings = given.get("PASSBACK_DISTRICT") or str(PROJECT / "include" / "district.toml")
    if not is_needed(given):
        yield dict(given), {"district": settings}
        return
    with _serving(home) as ready:
        _renew(server)
        connections = {name: value for name, value in ready.items() if name.startswith("AIRFLOW_CONN_")}
        ours = {
            "AIRFLOW_CONN_PASSBACK_DB": database_connection(server, DATABASE),
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        }
        yield dict(given) | connections | ours, {"district": settings, "control": ready["control_url"]}


@contextmanager
def _serving(home: Path) -> Iterator[dict[str, str]]:
    ready, log = home / "sandbox.json", home / "logs" / "sandbox.log"
    ready.unlink(missing_ok=True)
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = os.pathsep.join([str(PROJECT / "include"), str(PROJECT / "plugins")])
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "serve", "--ready-file", str(ready)],
            env=os.environ | {"PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=processes.die_with_parent,  # noqa: PLW1509  # the supervisor has one thread
        )
    try:
        yield _read(ready, process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
        ready.unlink(missing_ok=True)


def _read(ready: Path, process: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if ready.exists():
            told: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))
            return told
        time.sleep(0.05)
    raise RuntimeError(f"the sandbox does not start; see {log}")


def _renew(server: Postgres) -> None:
    import psycopg

    with psycopg.connect(server.uri("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")
        connection.execute(f"create database {DATABASE}")


def main() -> int:
    """Serve the sandbox and put its connections into the Airflow of this environment, until TERM or INT."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder)) as ready:
        for name, value in ready.items():
            if name.startswith("AIRFLOW_CONN_"):
                _keep_connection(name.removeprefix("AIRFLOW_CONN_").lower(), value)
        print("the sandbox serves, and Airflow has its connections", flush=True)
        while not asked.wait(timeout=1):
            continue
    return 0


def _keep_connection(connection_id: str, value: str) -> None:
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    with create_session() as session:
        session.execute(delete(Connection).where(Connection.conn_id == connection_id))
        session.add(Connection.from_json(value, conn_id=connection_id))


if __name__ == "__main__":
    sys.exit(main())
