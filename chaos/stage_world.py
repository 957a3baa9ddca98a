"""The world of the stage driver: a database server, the sandbox, the proxies and warmed processes, put back in no time.

Two acts, each with a start state that is copied for every schedule: `first` has nothing delivered yet, `second` is a
night and a day of edits later.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

import passback
from chaos.checks import Found, look
from chaos.gradebook import AS_OF, SETTINGS, after_the_roster, between_the_nights, district
from chaos.places import OnPlace, Place
from chaos.points import Points
from chaos.stage_night import Night
from chaos.zygote import TERMINAL, Job, Zygote
from passback import database
from passback.local import down
from passback.local.environment import environment
from passback.local.postgres import USER, Postgres
from sandbox.faults import WRITES
from sandbox.server import running

TREE = Path(passback.__file__).resolve().parents[2]
DAG = "passback_nightly"
ACTS = ("first", "second")
ATTEMPTS = 3  # as Airflow's `retries = 2`
SYSTEMS = ("powerschool", "otus", "schoology")


class StageWorld:
    """Everything that a schedule needs, made once; a context manager."""

    def __init__(self) -> None:
        """Makes nothing yet."""
        self.home = Path(tempfile.mkdtemp(prefix="passback-stages-"))
        self.postgres = Postgres(self.home / "server", durable=False)
        self.box: Any = None
        self.points = Points()
        self.uri = ""
        self._stack = ExitStack()
        self._zygotes: dict[Path, Zygote] = {}
        self._states: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self._environment: dict[str, str] = {}
        self._root = self.home / "tree"
        self._database = ""

    def __enter__(self) -> Self:
        """Starts server, sandbox and proxies, and makes the first act's start state; TERM ends all in order."""
        self.postgres.home.mkdir(parents=True)
        before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        self._stack.callback(signal.signal, signal.SIGTERM, before)
        self._stack.callback(self._clear)
        copy_tree(self._root)  # somebody may be at work on the project's own
        self.postgres.start()
        self.box = self._stack.enter_context(running(district()))
        self._stack.enter_context(self.points)
        self._environment = self._connections()
        self._database = "stage_migrated"
        self._administer(f"create database {self._database}")
        database.migrate(self.postgres.uri(self._database))
        self.keep("first")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends and removes everything."""
        self._stack.close()

    def _clear(self) -> None:
        for zygote in self._zygotes.values():
            zygote.close()
        down.down(self.postgres.home)
        shutil.rmtree(self.home, ignore_errors=True)

    def _connections(self) -> dict[str, str]:
        outside = {name: text for name, text in os.environ.items() if not name.startswith(("AIRFLOW", "PASSBACK_"))}
        self.settings()
        given: dict[str, str] = self.box.connections()
        port = self.points.between_powerschool(self.box.url("powerschool"))
        given["AIRFLOW_CONN_POWERSCHOOL"] = json.dumps({**json.loads(given["AIRFLOW_CONN_POWERSCHOOL"]), "port": port})
        self.points.between_database(self.postgres.socket_folder, self.home / "proxy")
        made = environment(
            self.home / "home", outside | {"PASSBACK_DISTRICT": str(self.home / "district.toml")}, "airflow_night"
        )
        return made | given

    def settings(self, in_flight: int = 1, settle_seconds: int = 0) -> None:
        """Writes the district's settings for the steps that begin from now on; every reset goes back to these."""
        text = SETTINGS.format(in_flight=in_flight, settle_seconds=settle_seconds)
        (self.home / "district.toml").write_text(text, encoding="utf-8")

    @contextmanager
    def using(self, root: Path) -> Iterator[None]:
        """Runs the steps of the `plugins` in that folder while the block lasts, in place of the project's own."""
        before, self._root = self._root, root
        try:
            yield
        finally:
            self._zygotes.pop(root).close()
            self._root = before

    def keep(self, act: str) -> None:
        """What is there now is the act's start state from now on."""
        self._administer(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{self._database}'",
            f"create database act_{act} template {self._database} strategy file_copy",
        )
        self._states[act] = {name: copy.deepcopy(vars(getattr(self.box, name))) for name in SYSTEMS}

    def reset(self, act: str) -> None:
        """A fresh copy of the act's start state."""
        self.points.on_place = None
        self.points.places.clear()
        self.settings()
        for name in SYSTEMS:
            vars(getattr(self.box, name)).update(copy.deepcopy(self._states[act][name]))
        old, self._database = self._database, f"stage_{next(self._numbers)}"
        self.postgres.start()
        self._administer(
            f"drop database if exists {old} with (force)",
            f"create database {self._database} template act_{act} strategy file_copy",
        )
        self.uri = self.postgres.uri(self._database)

    def night(self, act: str, scope: str = "", on_place: OnPlace | None = None) -> Night:
        """One whole night of the act, a process a step; a step that dies or fails is run again."""
        self.points.on_place = on_place
        before = self.writes()
        night, shards = self.planned(act, scope)
        for shard in shards:
            self.step(night, f"{scope}deliver {shard}", "deliver", shard)
        self.close(night, scope)
        self.points.on_place = None
        night.writes = self.writes() - before
        return night

    def planned(self, act: str, scope: str = "") -> tuple[Night, list[int]]:
        """A night up to its plan, and its shards."""
        night = Night(f"night-{next(self._numbers)}")
        asked = (datetime.now(UTC).isoformat(), {"as_of": AS_OF})
        sources = self.step(night, f"{scope}open_run", "open_run", *asked) or []
        self.step(night, f"{scope}extract_roster", "extract_roster")
        if act == "second" and scope:
            after_the_roster(self.box)
        for source in sources:
            self.step(night, f"{scope}extract_{source}", "extract_source", source)
        self.step(night, f"{scope}evaluate", "evaluate")
        return night, [shard["shard"] for shard in self.step(night, f"{scope}plan", "plan") or []]

    def close(self, night: Night, scope: str = "") -> None:
        """Reads back what the night wrote, and draws up its books."""
        self.step(night, f"{scope}verify", "verify")
        written = self.step(night, f"{scope}reconcile", "reconcile")
        if written:
            night.read(Path(written["folder"]), written["red"])

    def writes(self) -> Counter[str]:
        """How many writes PowerSchool has taken so far, by kind."""
        taken = self.box.powerschool.log.entries
        return Counter(entry.kind for entry in taken if entry.kind in WRITES and (entry.status or 0) in range(200, 300))

    def step(self, night: Night, scope: str, step: str, *arguments: Any) -> Any:
        """One step to its good end, run again as Airflow would after a death or a Transient; else None."""
        for attempt in range(1, ATTEMPTS + 1):
            self.points.scope = scope if attempt == 1 else f"{scope} again {attempt}"
            job = self.begin(step, night.run_id, *arguments)
            status = job.wait()
            if status == 0:
                return job.said()
            night.failures.append(f"{scope}: {job.said() if status > 0 else f'ended by signal {-status}'}")
            self.postgres.start()
            if status == TERMINAL:
                break
        return None

    def begin(self, step: str, run_id: str, *arguments: Any) -> Job:
        """Begins one step of a run in a process of its own."""
        if self._root not in self._zygotes:
            folder = self.home / f"zygote-{self._root.name}"
            self._zygotes[self._root] = Zygote(self._root, folder, self._environment)
        host = {"conn_type": "postgres", "host": str(self.home / "proxy"), "login": USER, "schema": self._database}
        now = {"AIRFLOW_CONN_PASSBACK_DB": json.dumps(host)}
        return self._zygotes[self._root].start(step, DAG, run_id, *arguments, environment=now)

    def log(self) -> str:
        """What the steps have logged so far."""
        return (self.home / f"zygote-{self._root.name}" / "steps.log").read_text(encoding="utf-8", errors="replace")

    def look(self) -> Found:
        """What is there now."""
        return look(self.box, self.uri)

    def day_of_edits(self) -> None:
        """What people do between the two acts."""
        between_the_nights(self.box)

    def _administer(self, *statements: str) -> None:
        with psycopg.connect(self.postgres.uri("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


def copy_tree(to: Path) -> None:
    """The plugins and what they read of the project, in another folder."""
    for part in ("plugins", "include/sql"):
        shutil.copytree(TREE / part, to / part)


def stable(places: list[Place]) -> list[Place]:
    """The places of first attempts, which a second run of the same night passes again."""
    return [place for place in places if " again " not in place.scope]
