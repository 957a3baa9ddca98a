"""One stage of a night in a process of its own: `python -m bench.stage '{"stage": "plan", …}'`; its figures as JSON.

What the stage imports is imported first and not timed, for the tasks of a real scheduler inherit it.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import logging
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bench.usage import peak_mb

DAG = "passback_nightly"
# What `passback.steps` imports inside each of its functions, and what those modules import late.
IMPORTS = {
    "open_run": ["yoyo", "passback.hooks.powerschool", "passback.powerschool.client"],
    "extract_source": ["passback.sources.otus.extract", "passback.delivery.engine"],
    "extract_roster": ["passback.delivery.engine", "passback.hooks.powerschool", "passback.powerschool.roster"],
    "check_quality": [
        "great_expectations.checkpoint",
        "passback.quality.checkpoint",
        "passback.quality.data_docs",
        "passback.quality.suites",
    ],
    "evaluate": ["passback.evaluation", "pandera.strategies.pandas_strategies", "pandera.backends.pandas.register"],
    "plan": ["passback.planning"],
    "deliver": ["passback.delivery.engine", "passback.hooks.powerschool", "passback.powerschool.client"],
    "verify": ["passback.verification", "passback.hooks.powerschool", "passback.powerschool.client"],
    "reconcile": ["passback.reconciliation.report"],
    "verdict": ["passback.reconciliation.verdict"],
}


def main() -> None:
    """Does the stage that the first argument describes, and prints its figures as the last line."""
    asked = json.loads(sys.argv[1])
    stage, run_id = asked["stage"], asked["run_id"]
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    for module in ["passback.steps", "airflow.sdk", "airflow.sdk.exceptions", *IMPORTS[stage]]:
        importlib.import_module(module)
    from passback import database

    database.uri_from_airflow()  # Airflow reads its configuration with the first connection that is asked for
    statements = Statements(database)
    imports_mb, imported = peak_mb(), set(sys.modules)
    begun, cpu = time.monotonic(), time.process_time()
    result = call(stage, run_id, asked)
    ended = time.monotonic()
    figures = {
        "stage": stage,
        "began": begun,
        "ended": ended,
        "seconds": round(ended - begun, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
        "imports_mb": imports_mb,
        "peak_mb": peak_mb(),
        "pid": os.getpid(),
        "statements": statements.told(),
        "late_modules": sorted(set(sys.modules) - imported),
        "result": result,
    }
    print(json.dumps(figures, default=str), flush=True)


def call(stage: str, run_id: str, asked: dict[str, Any]) -> Any:
    """Calls the stage's function of `passback.steps`, as its task does."""
    from passback import runs, steps

    if stage == "open_run":
        parameters = {"as_of": asked["as_of"], "sources": None, "schools": None, "dry_run": False}
        return steps.open_run(runs.Asked(DAG, run_id, False, None, dt.datetime.now(dt.UTC), parameters))
    more: list[Any] = [asked[name] for name in ("source", "shard") if name in asked]
    if stage == "verdict":
        more = [dict.fromkeys(IMPORTS, "success")]  # a stage that fails ends the benchmark: all before it went well
    return getattr(steps, stage)(DAG, run_id, *more)


class Statements:
    """How often each named statement ran, and its seconds as the caller saw them (those of threads overlap)."""

    NAMED = ("run", "rows")  # `one` asks `rows`

    def __init__(self, database: Any) -> None:
        """Wraps the functions of `passback.database` that run a named statement, move rows or commit."""
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: defaultdict[str, int] = defaultdict(int)
        for name in self.NAMED:
            setattr(database, name, self._timed(getattr(database, name), ""))
        for name in ("copy_in", "copy_frame"):
            setattr(database, name, self._timed(getattr(database, name), "copy "))

    def _timed(self, function: Callable[..., Any], prefix: str) -> Callable[..., Any]:
        def timed(connection: Any, name: str, *arguments: Any, **parameters: Any) -> Any:
            begun = time.perf_counter()
            try:
                return function(connection, name, *arguments, **parameters)
            finally:
                self.seconds[prefix + name] += time.perf_counter() - begun
                self.calls[prefix + name] += 1

        return timed

    def told(self) -> dict[str, dict[str, float]]:
        """Seconds and calls by statement, the costliest first."""
        order = sorted(self.seconds, key=lambda name: -self.seconds[name])
        return {name: {"seconds": round(self.seconds[name], 3), "calls": self.calls[name]} for name in order}


if __name__ == "__main__":
    main()
