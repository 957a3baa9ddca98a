"""A warmed process that forks a real process a step: a step starts in milliseconds, and can be killed like any other.

`python -m chaos.zygote` (with the plugins to be run first on the path) reads a JSON line a step: `{"id", "step",
"arguments", "environment", "result"}`; it answers `{"id", "pid"}` at its start and `{"id", "status"}` at its end, the
exit status or minus the signal. `result` names a file for what the step returned, or what it said of its failure.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

HEAVY = (
    "pandas", "pandera.pandas", "psycopg", "aiohttp", "requests", "airflow.sdk", "yoyo", "yoyo.backends", "jinja2",
    "passback.steps", "passback.delivery.engine", "passback.evaluation", "passback.planning", "passback.verification",
    "passback.reconciliation.report", "passback.sources.otus.extract", "passback.sources.schoology.extract",
    "passback.hooks.powerschool", "passback.hooks.otus", "passback.hooks.schoology", "passback.powerschool.roster",
    "passback.powerschool.slots",
)  # fmt: skip
JOB_SECONDS = 600
TERMINAL = 2
ANSWERS = 100  # the descriptor of what the driver reads


class Job:
    """One step under way."""

    def __init__(self, result: Path) -> None:
        self.pid: int | None = None
        self.status: int | None = None
        self.ended = threading.Event()
        self._result = result

    def wait(self, seconds: float = JOB_SECONDS) -> int:
        """The exit status of the step, or minus the signal that ended it; one that hangs is killed: TimeoutError."""
        if not self.ended.wait(seconds):
            if self.pid is not None:
                os.kill(self.pid, signal.SIGKILL)
            raise TimeoutError(f"a step has not ended within {seconds:g} s")
        return self.status if self.status is not None else -signal.SIGKILL

    def said(self) -> Any:
        """What the step returned, or the words of its failure."""
        return json.loads(self._result.read_text(encoding="utf-8")) if self._result.exists() else None


class Zygote:
    """The driver's side; a context manager. `root` holds the `plugins` that the steps run."""

    def __init__(self, root: Path, folder: Path, environment: Mapping[str, str]) -> None:
        """Starts the process; `folder` takes the steps' results and their log."""
        self._folder = folder
        self._jobs: dict[int, Job] = {}
        folder.mkdir(parents=True, exist_ok=True)
        project = Path(__file__).resolve().parents[1]
        path = os.pathsep.join(map(str, (root / "plugins", project / "include", project)))
        with (folder / "steps.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "chaos.zygote"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
                env={**environment, "PYTHONPATH": path},
            )  # fmt: skip
        self._reader = threading.Thread(target=self._read, name="zygote", daemon=True)
        self._reader.start()

    def start(self, step: str, *arguments: Any, environment: Mapping[str, str]) -> Job:
        """Begins a step of `passback.steps` in a process of its own."""
        number = len(self._jobs) + 1
        result = self._folder / f"step-{number}.json"
        job = self._jobs[number] = Job(result)
        order = {"id": number, "step": step, "arguments": arguments, "environment": dict(environment)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**order, "result": str(result)}) + "\n")
        self._process.stdin.flush()
        return job

    def close(self) -> None:
        """Ends the process and whatever it started."""
        for job in self._jobs.values():
            if job.pid is not None and not job.ended.is_set():
                with suppress(ProcessLookupError):
                    os.kill(job.pid, signal.SIGKILL)
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            job = self._jobs[told["id"]]
            if "pid" in told:
                job.pid = told["pid"]
            else:
                job.status = told["status"]
                job.ended.set()
        for job in self._jobs.values():
            job.ended.set()


def main() -> None:
    """Warms up, then forks a process a line."""
    os.dup2(1, ANSWERS)
    os.dup2(2, 1)  # whatever logs to the standard output goes to the log
    for name in HEAVY:
        importlib.import_module(name)
    logging.basicConfig(level=logging.WARNING)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep(json.loads(line))


def _keep(order: dict[str, Any]) -> None:
    """Starts the step's process, waits for its end and tells it; never returns."""
    child = os.fork()
    if child == 0:
        _run(order)
    _tell({"id": order["id"], "pid": child})
    _, status = os.waitpid(child, 0)
    _tell({"id": order["id"], "status": os.waitstatus_to_exitcode(status)})
    os._exit(0)


def _tell(words: dict[str, Any]) -> None:
    os.write(ANSWERS, (json.dumps(words) + "\n").encode())


def _run(order: dict[str, Any]) -> None:
    """Runs the step and exits: 0, or with the failure's words 1 (TERMINAL: no retry helps); never returns."""
    os.environ.update(order["environment"])
    result, status = Path(order["result"]), 0
    try:
        said = _step(order["step"], order["arguments"])
    except BaseException as error:
        logging.exception("%s %s", order["step"], order["arguments"])
        said, status = f"{type(error).__name__}: {error}", TERMINAL if _is_terminal(error) else 1
    result.write_text(json.dumps(said, default=str), encoding="utf-8")
    sys.stderr.flush()
    os._exit(status)


def _is_terminal(error: BaseException) -> bool:
    from passback.errors import Terminal

    return isinstance(error, Terminal)


def _step(name: str, arguments: list[Any]) -> Any:
    from passback import runs, steps

    if name == "open_run":
        dag_id, run_id, created_at, parameters = arguments
        asked = runs.Asked(dag_id, run_id, False, None, datetime.fromisoformat(created_at), parameters)
        return steps.open_run(asked)
    return getattr(steps, name)(*arguments)


if __name__ == "__main__":
    main()
