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
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from chaos import database_proxy, powerschool_proxy
from chaos.places import OnPlace, Passages, System

Result = TypeVar("Result")


class Points(Passages):
    """The proxies of one world, in a thread of their own; a context manager."""

    def __init__(self, on_place: OnPlace | None = None) -> None:
        """Without `on_place` it only observes."""
        super().__init__(on_place)
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

    def between_database(self, socket_folder: Path, folder: Path) -> Path:
        """A proxy before the server that listens in `socket_folder`; gives the folder that stands for it.

        The folder is made in `folder`; its path must be short enough for a socket (some 90 characters).
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._servers.append(self._wait(database_proxy.serve(self, socket_folder, folder)))
        return folder

    def between_powerschool(self, url: str, port: int = 0) -> int:
        """A proxy on 127.0.0.1 before the PowerSchool at `url`; gives its port."""
        split = urlsplit(url)
        server = self._wait(powerschool_proxy.serve(self, split.hostname or "127.0.0.1", split.port or 80, port))
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
