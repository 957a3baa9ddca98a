"""What strikes at a place: a process, the database server or connections end, at once and without a word."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from chaos.places import Peer, Place
from chaos.points import Points

PATIENCE_SECONDS = 30.0


def kill_process(peer: Peer) -> None:
    """`kill -9` of the process that writes or commits; what it had on its way is lost with it."""
    if peer.pid is not None:
        with suppress(ProcessLookupError):
            os.kill(peer.pid, signal.SIGKILL)
        wait_for_end(peer.pid)
    peer.cut()


def terminate_process(peer: Peer) -> None:
    """TERM, as Airflow sends it to a task that is cleared: the process ends between two requests."""
    if peer.pid is not None:
        with suppress(ProcessLookupError):
            os.kill(peer.pid, signal.SIGTERM)


def kill_server(data: Path) -> None:
    """`kill -9` of a whole PostgreSQL server with that data directory: main process and children in one moment."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        main = psutil.Process(pid)
        family = [main, *main.children(recursive=True)]
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    for process in family:
        wait_for_end(process.pid)


def wait_for_end(pid: int) -> None:
    """Until the process is gone, or a zombie that only waits for its parent."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {pid} survives kill -9")
            time.sleep(0.005)


def blows(points: Points, data: Path | None) -> dict[str, Callable[[Place, Peer], None]]:
    """The blows by name; `data` is the data directory of the server that `database` kills (who starts it again?)."""

    def database(place: Place, peer: Peer) -> None:
        if data is None:
            raise ValueError("no database server to kill")
        kill_server(data)
        points.cut_all("commit")
        peer.cut()

    def connections(place: Place, peer: Peer) -> None:
        points.cut_all("commit")
        points.cut_all("write")

    return {
        "process": lambda place, peer: kill_process(peer),
        "terminate": lambda place, peer: terminate_process(peer),
        "database": database,
        "connection": lambda place, peer: peer.cut(),
        "connections": connections,
    }
