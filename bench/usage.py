"""What processes use: peak memory and processor time, read from /proc (Linux)."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.2


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process ever held, in MB.

    Not by `getrusage`: that of a child begins with what its parent held when it started the child.
    """
    return round(_status_kb(pid, "VmHWM") / 1024, 1)


def cpu_seconds(pid: int | str) -> float:
    """Processor time of a process and of those of its children that have ended."""
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / TICKS if fields else 0.0


def children(pid: int) -> list[int]:
    """The living children of a process."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            fields = _stat(path.name)
            if fields and int(fields[1]) == pid:
                found.append(int(path.name))
    return found


class Database:
    """The PostgreSQL server during a block: processor time of all its processes, and the largest backend's memory.

    `peak_mb` is private memory (sorts, hashes, caches) of one backend; the shared buffers are apart, and every process
    that touches them would count them anew.
    """

    def __init__(self, postmaster: int) -> None:
        """Nothing is measured before the block begins."""
        self.cpu = self.peak_mb = 0.0
        self._postmaster = postmaster
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        """Begin to sample."""
        self._before = self._cpu()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and keep the figures."""
        self._stop.set()
        self._thread.join()
        self.cpu = round(self._cpu() - self._before, 2)

    def _cpu(self) -> float:
        return cpu_seconds(self._postmaster) + sum(map(cpu_seconds, children(self._postmaster)))

    def _sample(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            held = [_status_kb(pid, "RssAnon") for pid in children(self._postmaster)]
            self.peak_mb = max([self.peak_mb, *(round(kilobytes / 1024, 1) for kilobytes in held)])


def _status_kb(pid: int | str, name: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name}:")), 0)


def _stat(pid: int | str) -> list[str]:
    """The fields of /proc/…/stat after the name: state, parent, …; empty where the process has gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()
