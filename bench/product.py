"""The product's night: its stages one after the other, each in a process of its own, as a scheduler's tasks are."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from bench.usage import Database, cpu_seconds
from bench.world import District, World

# Requests to PowerSchool by the stage that makes them.
ASKING = {"extract_roster": "extract", "deliver": "deliver", "verify": "verify"}


@dataclass(frozen=True)
class Stage:
    """One stage as measured; `seconds` is its own work, without the start of its process and its imports."""

    name: str
    seconds: float
    startup_seconds: float
    cpu_seconds: float
    database_cpu_seconds: float
    sandbox_cpu_seconds: float
    peak_mb: float
    imports_mb: float
    backend_peak_mb: float
    processes: int
    statements: dict[str, dict[str, float]]
    result: Any


@dataclass(frozen=True)
class ProductNight:
    """One night of the product: its stages, and what it asked PowerSchool and Otus for."""

    name: str
    run_id: str
    run_key: int
    stages: list[Stage]
    requests: dict[str, int]
    otus_requests: int
    by_step: dict[str, int]
    sent: int
    confirmed: int
    mismatched: int

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds by stage."""
        return {stage.name: stage.seconds for stage in self.stages}

    @property
    def total(self) -> float:
        """Seconds of all stages' own work."""
        return round(sum(self.seconds.values()), 3)

    def as_json(self) -> dict[str, Any]:
        """The night as the result file keeps it."""
        return {**asdict(self), "total_seconds": self.total}


def night(world: World, name: str, as_of: str, tell: Callable[[str, float, float], None]) -> ProductNight:
    """Does one night; `tell` is called with each stage's name, seconds and peak memory as it ends.

    Raises SystemExit where a stage fails: a benchmark of a red night says nothing.
    """
    district = world.product
    district.control.clear_logs()
    run_id = f"bench_{name.replace(' ', '_')}"
    stages: list[Stage] = []

    def do(stage: str, *shares: dict[str, Any], **more: Any) -> Any:
        asked = {"stage": stage, "run_id": run_id, "as_of": as_of, **more}
        stages.append(measured(world, [{**asked, **share} for share in shares or ({},)]))
        tell(stage, stages[-1].seconds, stages[-1].peak_mb)
        return stages[-1].result

    for source in do("open_run"):
        do("extract_source", source=source)
    do("extract_roster")
    do("check_quality")
    do("evaluate")
    shards = do("plan")
    if shards:
        do("deliver", *({"shard": shard["shard"]} for shard in shards))
    for stage in ("verify", "reconcile", "verdict"):
        do(stage)
    return _counted(world, name, run_id, stages, district)


def measured(world: World, asked: list[dict[str, Any]]) -> Stage:
    """Runs the processes of one stage (several: the shards of delivery) and puts their figures together."""
    postmaster = int((world.server.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    sandbox = cpu_seconds(world.product.pid)
    begun = time.monotonic()
    with Database(postmaster) as database, ThreadPoolExecutor(world.size.shards_at_once) as pool:
        told = list(pool.map(lambda one: _process(world, one), asked))
    whole = time.monotonic() - begun
    seconds = _covered([(one["began"], one["ended"]) for one in told])
    return Stage(
        name=asked[0]["stage"],
        seconds=round(seconds, 3),
        startup_seconds=round(whole - seconds, 3),
        cpu_seconds=round(sum(one["cpu_seconds"] for one in told), 3),
        database_cpu_seconds=database.cpu,
        sandbox_cpu_seconds=round(cpu_seconds(world.product.pid) - sandbox, 2),
        peak_mb=max(one["peak_mb"] for one in told),
        imports_mb=max(one["imports_mb"] for one in told),
        backend_peak_mb=database.peak_mb,
        processes=len(told),
        statements=_together([one["statements"] for one in told]),
        result=told[0]["result"],
    )


def _process(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    log = world.logs / f"{asked['run_id']}-{asked['stage']}{asked.get('shard', '')}.log"
    with log.open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "bench.stage", json.dumps(asked)],
            env=world.environment(),
            cwd=world.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=file,
            check=False,
        )
    if done.returncode:
        said = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise SystemExit(f"{asked['run_id']}, {asked['stage']} ended with {done.returncode}:\n{said}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _covered(spans: list[tuple[float, float]]) -> float:
    """The length of what the spans cover together: shards may run at once, or one after the other."""
    covered, until = 0.0, float("-inf")
    for begun, ended in sorted(spans):
        covered += max(0.0, ended - max(begun, until))
        until = max(until, ended)
    return covered


def _together(parts: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    seconds: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for part in parts:
        for name, told in part.items():
            seconds[name] += told["seconds"]  # type: ignore[assignment]
            calls[name] += int(told["calls"])
    return {name: {"seconds": round(each, 3), "calls": calls[name]} for name, each in seconds.most_common()}


def _counted(world: World, name: str, run_id: str, stages: list[Stage], district: District) -> ProductNight:
    with psycopg.connect(world.uri) as connection:
        found = connection.execute("select run_key from passback.run where run_id = %s", [run_id]).fetchone()
        run_key = found[0] if found else 0
        steps: dict[str, int] = dict(
            connection.execute(
                "select step, total from passback.run_requests where run_key = %s and system = 'powerschool'", [run_key]
            ).fetchall()
        )
        books = connection.execute(
            "select sum(created + updated), sum(confirmed), sum(mismatched) from passback.book"
            " where run_key = %s and level = 'score'",
            [run_key],
        ).fetchone() or (0, 0, 0)
    return ProductNight(
        name=name,
        run_id=run_id,
        run_key=run_key,
        stages=stages,
        requests=kinds(district),
        otus_requests=sum(district.control.otus.counts().values()),
        by_step={stage: steps.get(step, 0) for stage, step in ASKING.items()},
        sent=int(books[0] or 0),
        confirmed=int(books[1] or 0),
        mismatched=int(books[2] or 0),
    )


def kinds(district: District) -> dict[str, int]:
    """Requests to PowerSchool since the log was cleared, by kind; the queries of the roster together."""
    counted: Counter[str] = Counter()
    for kind, number in district.control.powerschool.counts().items():
        query = kind.partition(":")[2].rpartition(".")[2]
        counted[("read-back" if query == "section_scores" else "roster") if query else kind] += number
    return dict(counted)
