"""The process tree that schedules strike: Airflow under its supervisor, PostgreSQL, the sandbox, and proxies between.

One tree serves many schedules. Before each, PowerSchool, the sources and the district's database are put back to a
start state; Airflow's own database goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from chaos import checks, start_states
from chaos.places import Place
from chaos.points import Points
from chaos.start_states import Servers, StartState
from chaos.victims import Processes, Victims
from passback import database
from passback.local import up
from passback.local.environment import environment
from passback.local.home import PROJECT
from passback.local.postgres import USER, Postgres
from passback.local.rest import Airflow
from sandbox.server import Sandbox

DATABASE = "passback"
READY_SECONDS = 900.0  # half a minute on a quiet machine
FIRST, EDITS = "first night", "night after edits"


class CleanNightError(Exception):
    """A night that nobody struck did not end green: the harness has nothing to measure by."""


class World:
    """Everything that runs, in one home; `opened` makes it."""

    def __init__(self, home: Path, points: Points) -> None:
        """Nothing runs yet but the proxies' thread."""
        self.home, self.points = home, points
        self.server = Postgres(home)
        self.servers = Servers()
        self.processes = Processes(home)
        self.victims = Victims(self.processes, self.server, points)
        self.states: dict[str, StartState] = {}
        self.places: dict[str, list[Place]] = {}
        self.given: dict[str, str] = {}

    @property
    def box(self) -> Sandbox:
        """The sandbox that serves now."""
        if self.servers.box is None:
            raise RuntimeError("no sandbox serves")
        return self.servers.box

    @property
    def airflow(self) -> Airflow:
        """A client of the running Airflow."""
        return up.client(self.home)

    def prepare(self) -> None:
        """Start the servers, and take the clean nights' measure: from each start state one, without Airflow."""
        self.server.start()
        made, late = start_states.district()
        template = start_states.sandbox(made)
        self._connect(self.servers.serve(template))
        database.migrate(self.server.uri(DATABASE))
        self._keep_database("chaos_first")
        self._measure(FIRST, template, "chaos_first", start_states.DAY_BEFORE)
        self._keep_database("chaos_edits")
        self.servers.close()
        edited = start_states.copied(self._served)
        start_states.edit(edited, late)
        self._measure(EDITS, edited, "chaos_edits", start_states.DAY)

    def _connect(self, box: Sandbox) -> None:
        """The variables that lead tasks through the proxies."""
        settings = self.home / "district.toml"
        settings.write_text(start_states.SETTINGS, encoding="utf-8")
        folder = self.points.between_database(self.server.socket_folder, self.home / "proxy")
        connections = box.connections()
        powerschool = json.loads(connections["AIRFLOW_CONN_POWERSCHOOL"])
        powerschool["port"] = self.points.between_powerschool(box.url("powerschool"))
        through = {"conn_type": "postgres", "host": str(folder), "login": USER, "schema": DATABASE}
        self.given = bare() | connections | {
            "AIRFLOW_CONN_POWERSCHOOL": json.dumps(powerschool),
            "AIRFLOW_CONN_PASSBACK_DB": json.dumps(through),
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
            "PASSBACK_DISTRICT": str(settings),
            "PASSBACK_DAGS": str(PROJECT / "chaos" / "dags"),
        }  # fmt: skip

    def _measure(self, name: str, template: Sandbox, database_name: str, as_of: str) -> None:
        self.restore(template, database_name)
        log = self.home / "logs" / f"clean-{database_name}.log"
        log.parent.mkdir(exist_ok=True)
        variables = environment(self.home, self.given)
        variables["PYTHONPATH"] = os.pathsep.join([str(PROJECT), str(PROJECT / "include"), variables["PYTHONPATH"]])
        with log.open("wb") as output:
            command = [sys.executable, "-W", "ignore", "-m", "chaos.clean_night", f"clean {name}", as_of]
            status = subprocess.run(command, env=variables, stdout=output, stderr=output, cwd=PROJECT, check=False)
        if status.returncode:
            raise CleanNightError(f"the clean {name} is not green: {log.read_text(errors='replace')[-2000:]}")
        self.places[name] = list(self.points.places)
        self._served = self.box
        self.states[name] = StartState(name, template, database_name, as_of, self.look())

    def look(self) -> checks.Found:
        """What PowerSchool, the ledger and the books say now."""
        return checks.look(self.box, self.server.uri(DATABASE))

    def rows(self) -> dict[str, list[Any]]:
        """The writes, calls and runs as the district's database has them, for evidence."""
        with psycopg.connect(self.server.uri(DATABASE)) as connection:
            return {
                name: [row[0] for row in connection.execute(f"select to_jsonb(t) from passback.{name} as t")]
                for name in ("run", "item", "item_write", "score_call", "plan_item", "ledger_item", "run_problem")
            }

    def restore(self, template: Sandbox, database_name: str) -> None:
        """Put the sandbox and the district's database back; every connection to it ends."""
        self.points.refuse("write", False)
        self.points.cut_all("commit")
        self.points.cut_all("write")
        self.servers.serve(template)
        with psycopg.connect(self.server.uri("postgres"), autocommit=True) as connection:
            connection.execute(f"drop database if exists {DATABASE} with (force)")
            connection.execute(f"create database {DATABASE} template {database_name} strategy file_copy")
        self.points.places.clear()
        self.points.scope = ""

    def _keep_database(self, name: str) -> None:
        self.points.cut_all("commit")
        with psycopg.connect(self.server.uri("postgres"), autocommit=True) as connection:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [DATABASE])
            connection.execute(f"create database {name} template {DATABASE} strategy file_copy")

    def wait_until_whole(self, seconds: float = 120.0) -> None:
        """Until no task runs any more and Airflow is healthy: what a schedule killed must be up again for the next."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.processes.tasks() and self.server.is_running() and self.airflow.healthy():
                return
            time.sleep(0.3)
        raise TimeoutError(f"Airflow is not whole again after {seconds:.0f} s; logs in {self.home / 'logs'}")


def bare() -> dict[str, str]:
    """This process's variables without any of Airflow's and Passback's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PASSBACK"))}


@contextmanager
def opened(keep: bool = False) -> Iterator[World]:
    """A running tree in a home of its own, for the length of the block; `keep` leaves the home behind."""
    home = Path(tempfile.mkdtemp(prefix="passback-killed-"))
    with Points() as points:
        world = World(home, points)
        try:
            world.prepare()
            up.start(home, world.given, seconds=READY_SECONDS)
            world.wait_until_whole()
            yield world
        finally:
            up.end(home)
            world.server.stop()
            world.servers.end()
            if not keep:
                shutil.rmtree(home, ignore_errors=True)
