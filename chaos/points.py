"""The kill points: the places of a run at which something may die, seen from outside the code that runs.

Two proxies stand between the tasks and the world: one before PostgreSQL (`between_database`), one before PowerSchool
(`between_powerschool`). They see every COMMIT that writes and every write to PowerSchool, and at each call `on_place`
three times, in the proxies' own thread, while the client waits:

- `before`: the request or COMMIT has left the client and has not reached the server;
- `unheard`: the server has done it (stored, committed), and the client does not know yet;
- `after`: the client has its answer. A COMMIT or write that the server refused has no `unheard` and no `after`
  (a write answered 409 has them: what matters there is the answer).

`on_place(place, peer)` may kill `peer.pid`, `peer.cut()` the connection (what was on its way is lost: nothing is
forwarded after it), `Points.cut_all(system)`, take a system down and up again (`refuse`), or block: everything
that goes through the proxies waits as long. It must not raise.

    def strike(place: Place, peer: Peer) -> None:
        if place.label == "deliver 1: write create #2 unheard":
            os.kill(peer.pid, signal.SIGKILL)
            peer.cut()

    with Points(strike) as points:
        folder = points.between_database(postgres.socket_folder, home)   # host of the connection `passback_db`
        port = points.between_powerschool(sandbox.url("powerschool"))    # port of the connection `powerschool`
        points.scope = "deliver 1"     # what the driver runs now; counters begin anew with each scope
        ...
    points.places                      # every place that was passed, in order

Labels are stable where the order of requests is (`in_flight = 1`, one process at a time): `write <kind> #<n> <moment>`
(kinds: create, update, score, delete) and `commit <statements> #<n> <moment>`, where the statements are the names of
include/sql that wrote in the transaction. Works on Linux: the client's pid comes from the socket.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

Moment = Literal["before", "unheard", "after"]
System = Literal["commit", "write"]
MOMENTS: tuple[Moment, ...] = ("before", "unheard", "after")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Place:
    """One moment of one write or COMMIT: the `number`-th `what` of its scope."""

    scope: str
    what: str
    number: int
    moment: Moment

    @property
    def label(self) -> str:
        """The place in words, as a command line names it."""
        return f"{f'{self.scope}: ' if self.scope else ''}{self.what} #{self.number} {self.moment}"

    @property
    def system(self) -> System:
        """`commit` or `write`."""
        return "commit" if self.what.startswith("commit") else "write"


class Peer:
    """One client's connection through a proxy."""

    def __init__(self, find_pid: Callable[[], int | None], close: Callable[[], None]) -> None:
        """`find_pid` is asked at most once, and only where somebody wants to know."""
        self._find_pid, self._close = find_pid, close
        self._pid: int | None = None
        self.is_cut = False

    @property
    def pid(self) -> int | None:
        """The client's process; None where it is gone already."""
        if self._pid is None:
            self._pid = self._find_pid()
        return self._pid

    def cut(self) -> None:
        """Breaks the connection in both directions; nothing more is forwarded."""
        self.is_cut = True
        self._close()


OnPlace = Callable[[Place, Peer], None]


class Points:
    """The proxies of one world, in a thread of their own; a context manager."""

    def __init__(self, on_place: OnPlace | None = None) -> None:
        """Without `on_place` it only observes."""
        self.on_place = on_place
        self.places: list[Place] = []
        self.peers: dict[System, set[Peer]] = {"commit": set(), "write": set()}
        self._refused: set[System] = set()
        self._scope = ""
        self._numbers: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chaos-points", daemon=True)
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> Self:
        """Starts the thread."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cuts all connections and ends the thread."""
        self.on_place = None
        self._wait(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    @property
    def scope(self) -> str:
        """What the driver says is under way."""
        return self._scope

    @scope.setter
    def scope(self, scope: str) -> None:
        self._scope = scope
        self._numbers.clear()

    def between_database(self, socket_folder: Path, folder: Path) -> Path:
        """A proxy before the server that listens in `socket_folder`; gives the folder that stands for it.

        The folder is made in `folder`; its path must be short enough for a socket (some 90 characters).
        """
        from chaos.database_proxy import serve

        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._servers.append(self._wait(serve(self, socket_folder, folder)))
        return folder

    def between_powerschool(self, url: str, port: int = 0) -> int:
        """A proxy on 127.0.0.1 before the PowerSchool at `url`; gives its port."""
        from chaos.powerschool_proxy import serve

        split = urlsplit(url)
        server = self._wait(serve(self, split.hostname or "127.0.0.1", split.port or 80, port))
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def cut_all(self, system: System) -> None:
        """Breaks every connection to the database (`commit`) or to PowerSchool (`write`)."""
        if threading.current_thread() is not self._thread:
            self._loop.call_soon_threadsafe(self.cut_all, system)
            return
        for peer in list(self.peers[system]):
            peer.cut()

    def refuse(self, system: System, refused: bool = True) -> None:
        """Takes a system down as its clients see it: all connections break, new ones end at once; False: up again."""
        if refused:
            self._refused.add(system)
            self.cut_all(system)
        else:
            self._refused.discard(system)

    def is_refused(self, system: System) -> bool:
        """Whether the system is down for its clients."""
        return system in self._refused

    def number(self, what: str) -> tuple[str, int]:
        """The scope and the next number of a write or COMMIT; its three places share them (for the proxies)."""
        self._numbers[what] += 1
        return self._scope, self._numbers[what]

    def pass_by(self, place: Place, peer: Peer) -> bool:
        """Tells the place; whether the connection is still there afterwards (for the proxies)."""
        if peer.is_cut:
            return False
        self.places.append(place)
        if self.on_place is not None:
            self.on_place(place, peer)
        return not peer.is_cut

    def _wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _shut(self) -> None:
        for server in self._servers:
            server.close()
        for system in ("commit", "write"):
            self.cut_all("commit" if system == "commit" else "write")
        await asyncio.sleep(0)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
