"""Airflow's components as child processes that are started again when they exit, and end with their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from passback.local.processes import die_with_parent

# Time to end: for the scheduler's tasks to come to their next request; the others have nothing to lose.
TASKS_SECONDS, OTHERS_SECONDS = 60.0, 3.0


def airflow_command(*arguments: str) -> list[str]:
    """The command line of an Airflow component in this environment."""
    return [sys.executable, "-m", "airflow", *arguments]


@dataclass
class Component:
    """One long-lived process: its command, its log, and when it may be started first and again."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    delay_seconds: float = 0.0
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _groups: list[int] = field(default_factory=list, repr=False)
    _started_at: float = 0.0
    _not_before: float = 0.0

    def __post_init__(self) -> None:
        """Count the delay from now."""
        self._not_before = time.monotonic() + self.delay_seconds

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def keep_running(self) -> None:
        """Start the process where it does not run: at once, or slowly where it did not live for 10 s either."""
        if self.pid is not None:
            return
        now = time.monotonic()
        if self._process is not None:
            lived = now - self._started_at
            self.report(f"exited with {self._process.returncode} after {lived:.0f} s")
            _clear_up(self._process.pid)
            self._process = None
            self._not_before = now if lived > 10 else now + min(10.0, float(self.starts))
        if now >= self._not_before:
            self._start()

    def _start(self) -> None:
        self.starts += 1
        self._started_at = time.monotonic()
        self.report("starting")
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  # the supervisor has one thread
            )
        self._groups.append(self._process.pid)

    def send(self, number: signal.Signals) -> None:
        """Send the signal to the process and everything it ever started, tasks of a dead scheduler too."""
        for group in self._groups:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)

    def report(self, text: str) -> None:
        """Say on standard output what happens to the process."""
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {self.name}: {text}", flush=True)


def stop(components: Sequence[Component]) -> None:
    """End the components cleanly; what does not end in time is killed.

    The scheduler goes first, with the tasks it runs: they tell the api-server how they ended.
    """
    _end([component for component in components if component.name == "scheduler"], TASKS_SECONDS)
    _end(components, OTHERS_SECONDS)


def _end(batch: Sequence[Component], seconds: float) -> None:
    left = {component.name for component in batch if component.pid is not None}
    for component in batch:
        component.send(signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        for component in batch:
            if component.name in left and component.pid is None:
                left.remove(component.name)
                component.report("ended")
    for component in batch:
        component.send(signal.SIGKILL)  # also for children that outlived their parent


def _clear_up(group: int) -> None:
    """Kill what a dead scheduler leaves behind and nobody needs: its idle workers and its log server.

    They hold its port, and its connections with their locks. A worker with a task is left to finish it.
    """
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) != group:
                continue
            command = " ".join(process.cmdline())
            if "<idle>" in command or "serve-logs" in command:
                process.kill()
