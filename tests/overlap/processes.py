"""What a test's processes do: each is forked from a server that has imported the library, and runs steps."""

import datetime as dt
import logging
import multiprocessing
import os
import random
import sys
import time
import traceback
from pathlib import Path
from typing import Any

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["passback.steps", "passback.evaluation", "passback.delivery.engine", "airflow.sdk"])


def whole(dag_id: str, run_id: str, as_of: str | None, pauses: list[float], **params: Any) -> None:
    """One run from its opening to its books, with a pause before each of its steps."""
    from passback import runs, steps

    waits = iter(pauses)
    created = dt.datetime(2026, 10, 15, 17, tzinfo=dt.UTC)
    asked = runs.Asked(dag_id, run_id, False, None, created, {**({"as_of": as_of} if as_of else {}), **params})
    time.sleep(next(waits))
    sources = steps.open_run(asked)
    time.sleep(next(waits))
    steps.extract_roster(dag_id, run_id)
    for source in sources:
        steps.extract_source(dag_id, run_id, source)
    time.sleep(next(waits))
    steps.evaluate(dag_id, run_id)
    time.sleep(next(waits))
    shards = steps.plan(dag_id, run_id)
    time.sleep(next(waits))
    for shard in shards:
        steps.deliver(dag_id, run_id, shard["shard"])
    time.sleep(next(waits))
    steps.verify(dag_id, run_id)
    steps.reconcile(dag_id, run_id)


def rebuild() -> None:
    """`make rebuild-ledger`."""
    from passback import steps
    from passback.steps.rebuilding import asked_by_hand

    steps.rebuild_ledger(asked_by_hand({}))


def maintain(times: int) -> None:
    """Maintenance, several times over."""
    from passback import steps

    for _ in range(times):
        steps.delete_quarantine(dry_run=False)
        steps.delete_old_runs(dry_run=False)
        steps.delete_reports(dry_run=False)
        steps.archive_staging(dry_run=False)


def migrate(uri: str, times: int = 1) -> None:
    """What every run begins with."""
    from passback import database

    for _ in range(times):
        database.migrate(uri)


def _work(environment: dict[str, str], journal: str, target: str, arguments: tuple[Any, ...], more: Any) -> None:
    os.environ.clear()
    os.environ.update(environment)
    log = Path(journal).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 - as long as the process
    logging.basicConfig(stream=log, level=logging.INFO, force=True, format="%(asctime)s %(name)s %(message)s")
    try:
        found = globals().get(target)
        if found is None:
            from passback import steps

            found = getattr(steps, target)
        found(*arguments, **more)
    except BaseException:
        log.write(traceback.format_exc())
        sys.exit(1)


class Crew:
    """The processes of one test, each with a log of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[tuple[str, Any]] = []

    def start(self, target: str, *arguments: Any, **more: Any) -> Any:
        """Starts a process that runs a function of this module, or of `steps`; gives the process."""
        name = f"{len(self.started)}-{target}"
        process = FORKED.Process(
            target=_work, args=(dict(os.environ), str(self.folder / f"{name}.log"), target, arguments, more)
        )
        process.start()
        self.started.append((name, process))
        return process

    def said(self, number: int) -> str:
        """The log of the process that was started as that one."""
        return (self.folder / f"{self.started[number][0]}.log").read_text(encoding="utf-8")

    def ended(self, seconds: float = 240) -> list[int]:
        """Waits for all of them: their exit codes, in the order of their start."""
        deadline = time.monotonic() + seconds
        for name, process in self.started:
            process.join(max(0.0, deadline - time.monotonic()))
            assert process.exitcode is not None, f"{name} never ended"
        return [process.exitcode for _, process in self.started]

    def clear(self) -> None:
        """Ends what still runs."""
        for _, process in self.started:
            if process.is_alive():
                process.kill()
                process.join()


def pauses(chance: random.Random, longest: float) -> list[float]:
    """Before each of a run's steps a pause of its own."""
    return [chance.random() * longest for _ in range(6)]
