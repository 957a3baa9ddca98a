"""Who dies in Airflow's process tree, and how: each victim is a function of the tree and of the connection that struck.

A blow at a place has the connection that is there (`peer`); one at an instant has none, and takes what runs then.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg

from chaos.blows import kill_server, wait_for_end
from chaos.places import Peer
from chaos.points import Points
from passback.local import up
from passback.local.postgres import Postgres

TASK = "airflow worker -- "
EXECUTOR = "airflow worker -- LocalExecutor"
IDLE = "<idle>"
DOWN_SECONDS = 3.0


class Processes:
    """The processes of one home's Airflow, found by the sessions of the components that its supervisor started."""

    def __init__(self, home: Path) -> None:
        """Knows nothing before the tree runs."""
        self.home = home
        self._sessions: set[int] = set()

    def component(self, name: str) -> psutil.Process | None:
        """The component's main process, where it runs now."""
        found = None
        with suppress(psutil.Error, KeyError):
            for child in psutil.Process(up.told(self.home)["pid"]).children():
                with suppress(psutil.Error):
                    command = _title(child).replace("_", "-")  # the api-server calls itself api_server
                    if "airflow" in command:
                        self._sessions.add(child.pid)
                        found = child if name in command else found
        return found

    def tasks(self) -> list[psutil.Process]:
        """The processes in which tasks run now, those of a dead scheduler too."""
        return self._titled(lambda title: title.startswith(TASK) and not title.startswith(EXECUTOR))

    def task_supervisors(self) -> list[psutil.Process]:
        """The executor's processes that have a task to look after."""
        return self._titled(lambda title: title.startswith(EXECUTOR) and IDLE not in title)

    def _titled(self, is_meant: Callable[[str], bool]) -> list[psutil.Process]:
        self.component("scheduler")
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, ProcessLookupError):
                if os.getsid(process.pid) in self._sessions and process.status() != psutil.STATUS_ZOMBIE:
                    title = " ".join(process.cmdline())
                    if is_meant(title):
                        found.append(process)
        return found


class Victims:
    """The blows to one tree, by name."""

    def __init__(self, processes: Processes, server: Postgres, points: Points) -> None:
        """`points` are the proxies before the server and before PowerSchool."""
        self.processes, self.server, self.points = processes, server, points
        self.blows: dict[str, Callable[[Peer | None], str]] = {
            "task": self._task,
            "task and its supervisor": self._task_and_supervisor,
            "scheduler": self._scheduler,
            "scheduler and its tasks": self._scheduler_and_tasks,
            "api-server": self._api_server,
            "database": self._database,
            "database session": self._session,
            "all connections to the database": self._connections,
            "connection to PowerSchool": self._powerschool_connection,
            "PowerSchool for 3 s": self._powerschool_down,
        }

    def strike(self, name: str, peer: Peer | None) -> str:
        """Strikes; gives in words what was hit, empty where there was nothing to hit."""
        return self.blows[name](peer)

    def _task(self, peer: Peer | None) -> str:
        hit = _kill(self._running(peer))
        if peer is not None:
            peer.cut()  # what it had on its way dies with it; the other victims leave that to arrive late
        return hit

    def _running(self, peer: Peer | None) -> list[psutil.Process]:
        """The process at the place; at an instant all tasks that run."""
        if peer is not None:
            with suppress(psutil.Error):
                return [psutil.Process(peer.pid)] if peer.pid else []
            return []
        return self.processes.tasks()

    def _task_and_supervisor(self, peer: Peer | None) -> str:
        tasks = self._running(peer)
        parents = []
        for task in tasks:
            with suppress(psutil.Error):
                parents.append(task.parent())
        return _kill([*(parent for parent in parents if parent and "LocalExecutor" in _title(parent)), *tasks])

    def _scheduler(self, peer: Peer | None) -> str:
        scheduler = self.processes.component("scheduler")
        return _kill([scheduler] if scheduler else [])

    def _scheduler_and_tasks(self, peer: Peer | None) -> str:
        scheduler, tasks = self.processes.component("scheduler"), self.processes.tasks()
        children = scheduler.children(recursive=True) if scheduler else []
        return _kill([*([scheduler] if scheduler else []), *children, *tasks])

    def _api_server(self, peer: Peer | None) -> str:
        server = self.processes.component("api-server")
        return _kill([server, *server.children(recursive=True)] if server else [])

    def _database(self, peer: Peer | None) -> str:
        kill_server(self.server.data)
        return "the server with all its processes"

    def _session(self, peer: Peer | None) -> str:
        """Kills one server process: PostgreSQL ends all the others and recovers."""
        pids = self._pids("and state <> 'idle'") or self._pids("")
        for pid in pids[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return f"{len(pids[:1])} server process" if pids else ""

    def _pids(self, more: str) -> list[int]:
        query = f"select pid from pg_stat_activity where datname = 'passback' {more}"
        with psycopg.connect(self.server.uri("postgres")) as connection:
            return [row[0] for row in connection.execute(query)]

    def _connections(self, peer: Peer | None) -> str:
        count = len(self.points.peers["commit"])
        self.points.cut_all("commit")
        return f"{count} connections" if count else ""

    def _powerschool_connection(self, peer: Peer | None) -> str:
        if peer is not None and peer in self.points.peers["write"]:
            peer.cut()
            return "1 connection"
        count = len(self.points.peers["write"])
        self.points.cut_all("write")
        return f"{count} connections" if count else ""

    def _powerschool_down(self, peer: Peer | None) -> str:
        self.points.refuse("write")
        threading.Timer(DOWN_SECONDS, self.points.refuse, ("write", False)).start()
        return "its address"


def _title(process: psutil.Process) -> str:
    return " ".join(process.cmdline())


def _kill(processes: list[psutil.Process]) -> str:
    """`kill -9` of these, in this order, before any of them is waited for."""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    for process in processes:
        wait_for_end(process.pid)
    return f"{len(processes)} process{'es' if len(processes) > 1 else ''}" if processes else ""
