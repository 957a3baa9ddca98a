"""`python -m bench pages`: how long the pages take with a million scores and four hundred nights in the database.

Each page is asked for by one browser's worth of requests, one after the other, over loopback, with Airflow's own log-in
in front of it and Airflow running beside it: what is told is the server's time and the little that loopback adds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import requests
from rich.console import Console
from rich.table import Table

from bench import pages_world
from bench.tables import machine
from passback.local import up
from passback.local.home import PROJECT
from passback.local.postgres import Postgres
from passback.local.rest import Airflow

GOAL_MS = 200.0
SEED = 7


@dataclass(frozen=True)
class Page:
    """One kind of page: what it is called, and an address of it for the next request."""

    name: str
    address: Callable[[random.Random], str]


@dataclass(frozen=True)
class Timing:
    """What one kind of page took, in milliseconds, over all its requests."""

    name: str
    requests: int
    median_ms: float
    p95_ms: float
    slowest_ms: float
    kilobytes: float


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=pages", description=__doc__)
    parser.add_argument("--requests", type=int, default=200, help="requests a page (200)")
    parser.add_argument("--items", type=int, default=40_000, help="items of 25 scores each (40000)")
    parser.add_argument("--runs", type=int, default=400, help="nights (400)")
    return parser


def main(given: list[str]) -> int:
    """Fill a database, start Airflow over it and measure every page; 1 where the goal is missed."""
    asked = arguments().parse_args(given)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    size = pages_world.Size(items=asked.items, runs=asked.runs)
    with tempfile.TemporaryDirectory(prefix="passback-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with _filled(home, size, console) as uri, _airflow(home) as airflow:
            console.print(f"{asked.requests} requests a page (load average {os.getloadavg()[0]:.1f}) …")
            session = _logged_in(airflow)
            timings = [
                measure(session, airflow.url, page, asked.requests) for page in pages(Sample.of(uri))
            ]
    console.print(table(timings, size))
    path = PROJECT / "build" / "bench-pages.json"
    path.parent.mkdir(exist_ok=True)
    told = {"machine": machine(), "size": asdict(size), "goal_ms": GOAL_MS, "pages": [asdict(t) for t in timings]}
    path.write_text(json.dumps(told, indent=1, default=str) + "\n", encoding="utf-8")
    console.print(f"all figures: {path}")
    return int(any(timing.p95_ms > GOAL_MS for timing in timings))


@contextmanager
def _filled(home: Path, size: pages_world.Size, console: Console) -> Iterator[str]:
    server = Postgres(home).start()
    try:
        console.print(f"[bold]{size.items * size.per_item:,} scores, {size.runs} nights[/]: filling the database …")
        settings = PROJECT / "include" / "district.toml"
        pages_world.fill(
            server.uri(), size, dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1), settings,
            lambda part, seconds: console.print(f"  {part:<12} {seconds:6.1f} s"),
        )  # fmt: skip
        yield server.uri()
    finally:
        server.stop()


@contextmanager
def _airflow(home: Path) -> Iterator[Airflow]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PASSBACK"))}
    with up.running(home, bare | {"PASSBACK_SANDBOX": "off", "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False"}) as airflow:
        yield airflow


def _logged_in(airflow: Airflow) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    answer = session.post(
        f"{airflow.url}/auth/token", json={"username": airflow.user, "password": airflow.password}, timeout=60
    )
    answer.raise_for_status()
    session.headers.update({"Authorization": f"Bearer {answer.json()['access_token']}", "Accept": "text/html"})
    return session


def measure(session: requests.Session, url: str, page: Page, count: int) -> Timing:
    """Ask for the page `count` times after a few to warm up; raises SystemExit where an answer is not the page."""
    addresses = random.Random(SEED)
    milliseconds, size = [], 0
    for number in range(-5, count):
        address = page.address(addresses)
        begun = time.perf_counter()
        answer = session.get(f"{url}/passback/{address}", timeout=60)
        took = (time.perf_counter() - begun) * 1000
        if answer.status_code != requests.codes.ok:
            raise SystemExit(f"{address}: {answer.status_code} {answer.text[:300]}")
        if number >= 0:
            milliseconds.append(took)
            size += len(answer.content)
    p95 = statistics.quantiles(milliseconds, n=20)[-1]
    return Timing(
        page.name, count, round(statistics.median(milliseconds), 1), round(p95, 1), round(max(milliseconds), 1),
        round(size / count / 1024, 1),
    )  # fmt: skip
