"""`make up`: Airflow under one home, kept running in the background until `make down`.

A supervisor process holds the home's lock, starts the embedded database and Airflow's components and starts again
whatever exits. Where the environment gives no connection to a district's systems, the sandbox district takes their
place, with a database of its own that begins empty like the sandbox; the nightly schedule is off then.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from passback.local import metadata, sandbox_district
from passback.local.components import Component, airflow_command, stop
from passback.local.environment import ADMINISTRATOR, NIGHTLY, environment, identity, renew_taken_ports
from passback.local.home import PROJECT, holder, is_held, locked, resolve
from passback.local.postgres import Postgres
from passback.local.rest import Airflow, AirflowError

READY_SECONDS = 180.0


class UpError(Exception):
    """Airflow did not come up; the message says where to look."""


def lock_of(home: Path) -> Path:
    """The lock that the supervisor of the home holds as long as it runs."""
    return home / "up.lock"


def client(home: Path) -> Airflow:
    """A client of the home's Airflow."""
    kept = identity(home)
    return Airflow(f"http://127.0.0.1:{kept['api_port']}", ADMINISTRATOR, kept["password"])


def start(home: Path, given: Mapping[str, str] | None = None, seconds: float = READY_SECONDS) -> Airflow:
    """Start the supervisor in the background and wait until everything is healthy and the nightly DAG is read.

    `given` are the variables it runs with (default: this process's). Raises `UpError`.
    """
    log = home / "logs" / "up.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as output:
        began_at = output.tell()
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "passback.local.up", "--foreground"],
            env=dict(os.environ if given is None else given) | {"PASSBACK_HOME": str(home), "PYTHONPATH": _path()},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=PROJECT,
            start_new_session=True,
        )
    deadline = time.monotonic() + seconds
    while supervisor.poll() is None and time.monotonic() < deadline:
        if _ready(home, supervisor.pid):
            return client(home)
        time.sleep(0.2)
    supervisor.terminate()
    said = log.read_bytes()[began_at:].decode(errors="replace")
    raise UpError(f"Airflow does not come up; {log.parent} has the logs, up.log ends with:\n{said[-3000:]}")


def end(home: Path, seconds: float = 90.0) -> bool:
    """End the supervisor of the home and all that it started; False where none was running."""
    lock = lock_of(home)
    pid = holder(lock)
    if pid is None or not is_held(lock):
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while is_held(lock) and time.monotonic() < deadline:
            time.sleep(0.1)
        if not is_held(lock):
            break
    return True


@contextmanager
def running(home: Path, given: Mapping[str, str] | None = None) -> Iterator[Airflow]:
    """A running Airflow for the length of the block."""
    airflow = start(home, given)
    try:
        yield airflow
    finally:
        end(home)


def _path() -> str:
    return os.pathsep.join([str(PROJECT / "plugins"), str(PROJECT / "include")])


def _ready(home: Path, pid: int) -> bool:
    """Whether the supervisor `pid` serves: an older one's Airflow may still answer for a moment."""
    if holder(lock_of(home)) != pid or not (home / "up.json").exists():
        return False
    airflow = client(home)
    try:
        return airflow.serves_tasks() and airflow.healthy() and NIGHTLY in airflow.dags()
    except AirflowError:
        return False


def supervise(home: Path) -> None:
    """Run everything in this process's children until TERM or INT."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    with locked(lock_of(home)):
        (home / "up.json").unlink(missing_ok=True)
        renew_taken_ports(home)
        server = Postgres(home).start()
        with sandbox_district.where_needed(home, server, os.environ) as (given, about):
            variables = environment(home, given)
            if not metadata.is_prepared(Path(variables["AIRFLOW_HOME"]), server.uri("airflow")):
                subprocess.run([sys.executable, "-m", "passback.local.metadata"], env=variables, check=True)
            components = airflow_components(home, variables)
            (home / "up.json").write_text(json.dumps(about | {"pid": os.getpid()}), encoding="utf-8")
            try:
                while not asked:
                    if not server.is_running():
                        server.start()
                    for component in components:
                        component.keep_running()
                    time.sleep(0.25)
            finally:
                stop(components)
                (home / "up.json").unlink(missing_ok=True)


def airflow_components(home: Path, variables: Mapping[str, str]) -> list[Component]:
    """Airflow's four components with these variables, not yet started.

    The triggerer, for which no DAG here waits, starts a minute later: on a small machine it would slow down the others.
    """
    logs = home / "logs"
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    delays = {"api-server": 0.0, "scheduler": 0.0, "dag-processor": 0.0, "triggerer": 60.0}
    return [
        Component(name, airflow_command(name), variables, logs / f"{name}.log", delay) for name, delay in delays.items()
    ]


def addresses(home: Path) -> str:
    """Where to look: Airflow's page, its log-in, and the sandbox's control interface where it runs."""
    kept = identity(home)
    lines = [
        f"Airflow   http://127.0.0.1:{kept['api_port']}",
        f"log-in    {ADMINISTRATOR}, its password is in {home / 'airflow' / 'passwords.json'}",
        f"reports   {os.environ.get('PASSBACK_REPORTS') or home / 'reports'}",
        f"logs      {home / 'logs'}",
    ]
    control = told(home).get("control")
    return "\n".join([*lines, f"sandbox   {control}"] if control else lines)


def told(home: Path) -> dict[str, Any]:
    """What the running supervisor tells about itself: its `pid`, the `district` settings, the sandbox's `control`."""
    path = home / "up.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def main() -> int:
    """Start in the background and say where to look; with `--foreground`, be the supervisor."""
    parser = argparse.ArgumentParser(prog="make up", description="Start Airflow under PASSBACK_HOME.")
    parser.add_argument("--foreground", action="store_true", help="stay, and log to the terminal")
    home = resolve()
    os.umask(0o077)
    if parser.parse_args().foreground:
        supervise(home)
        return 0
    if is_held(lock_of(home)):
        print(f"already running (process {holder(lock_of(home))})\n{addresses(home)}")
        return 0
    try:
        start(home)
    except UpError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{addresses(home)}\n\nmake down stops it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
