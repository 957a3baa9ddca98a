"""`python -m bench pages`: how long the pages take with a million scores and four hundred nights in the database.

The pages are asked for in turn, one request after the other, over loopback, with Airflow's own log-in in front of them
and Airflow running beside them: what is told is the server's time and the little that loopback adds. A style sheet
asks no database: it shows what log-in, server and the rest of the machine take.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import requests
from rich.console import Console
from rich.table import Table

from bench import pages_world
from bench.page_addresses import Page, Sample, pages
from bench.tables import machine
from passback.local import up
from passback.local.home import PROJECT
from passback.local.postgres import Postgres
from passback.local.rest import Airflow

GOAL_MS = 200.0
# A page so slow that its requests take longer is measured by fewer: the goal is missed by far.
PATIENCE_SECONDS = 120.0
WARM_UP = 5
SEED = 7


@dataclass(frozen=True)
class Timing:
    """What one kind of page took, in milliseconds, over all its requests; `refused`: the answer that was no page."""

    name: str
    requests: int
    median_ms: float = 0.0
    p95_ms: float = 0.0
    slowest_ms: float = 0.0
    kilobytes: float = 0.0
    refused: str = ""

    @property
    def met(self) -> bool:
        """Whether the page came every time, and in time."""
        return not self.refused and self.p95_ms <= GOAL_MS


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=pages", description=__doc__)
    parser.add_argument("--requests", type=int, default=200, help="requests a page (200)")
    parser.add_argument("--items", type=int, default=40_000, help="items of 25 scores each (40000)")
    parser.add_argument("--runs", type=int, default=400, help="nights (400)")
    parser.add_argument("--only", default="", help="only pages whose name this pattern finds")
    return parser


def main(given: list[str]) -> int:
    """Fill a database, start Airflow over it and measure every page; 1 where one was refused."""
    asked = arguments().parse_args(given)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    size = pages_world.Size(items=asked.items, runs=asked.runs)
    with tempfile.TemporaryDirectory(prefix="passback-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with _filled(home, size, console) as uri, _airflow(home) as airflow:
            console.print(f"{asked.requests} requests a page (load average {os.getloadavg()[0]:.1f}) …")
            wanted = [page for page in pages(Sample.of(uri)) if re.search(asked.only, page.name)]
            timings = timed(_logged_in(airflow), airflow.url, wanted, asked.requests)
    console.print(table(timings, size))
    path = PROJECT / "build" / "bench-pages.json"
    path.parent.mkdir(exist_ok=True)
    told = {"machine": machine(), "size": asdict(size), "goal_ms": GOAL_MS, "pages": [asdict(t) for t in timings]}
    path.write_text(json.dumps(told, indent=1, default=str) + "\n", encoding="utf-8")
    console.print(f"all figures: {path}")
    return int(any(timing.refused for timing in timings))


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
    with up.running(
        home, bare | {"PASSBACK_SANDBOX": "off", "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False"}
    ) as airflow:
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


def timed(session: requests.Session, url: str, asked: list[Page], count: int) -> list[Timing]:
    """Ask for every page once, and again, `count` times: what else the machine does meets all pages alike."""
    measured = [Measured(page) for page in asked]
    for number in range(-WARM_UP, count):
        for one in measured:
            one.ask(session, url, counts=number >= 0)
    return [one.timing() for one in measured]


@dataclass
class Measured:
    """One kind of page while it is asked for; `refused`: the first answer that was no page."""

    page: Page
    milliseconds: list[float] = field(default_factory=list)
    bytes: int = 0
    refused: str = ""
    addresses: random.Random = field(default_factory=lambda: random.Random(SEED))

    def ask(self, session: requests.Session, url: str, counts: bool) -> None:
        """Ask once; no more where an answer was no page, or all have taken too long together."""
        if self.refused or sum(self.milliseconds) > PATIENCE_SECONDS * 1000:
            return
        address = self.page.address(self.addresses)
        begun = time.perf_counter()
        answer = session.get(f"{url}/passback/{address}", timeout=60)
        took = (time.perf_counter() - begun) * 1000
        if answer.status_code != requests.codes.ok:
            self.refused = f"{answer.status_code} for {address} after {took:.0f} ms"
        elif counts:
            self.milliseconds.append(took)
            self.bytes += len(answer.content)

    def timing(self) -> Timing:
        """The figures."""
        asked = len(self.milliseconds)
        if asked < 2:
            return Timing(self.page.name, asked, refused=self.refused or "not measured")
        return Timing(
            self.page.name,
            asked,
            median_ms=round(statistics.median(self.milliseconds), 1),
            p95_ms=round(statistics.quantiles(self.milliseconds, n=20, method="inclusive")[-1], 1),
            slowest_ms=round(max(self.milliseconds), 1),
            kilobytes=round(self.bytes / asked / 1024, 1),
            refused=self.refused,
        )


def table(timings: list[Timing], size: pages_world.Size) -> Table:
    """The figures of every page beside the goal."""
    scores = size.items * size.per_item
    shown = Table(title=f"pages at {scores:,} scores and {size.runs} nights, ms (goal: 95 % within {GOAL_MS:.0f})")
    shown.add_column("page")
    for name in ("requests", "median", "95th percentile", "slowest", "kB", ""):
        shown.add_column(name, justify="right")
    for one in timings:
        mark = "[green]met[/]" if one.met else f"[yellow]{one.refused.partition(' ')[0] or 'not yet'}[/]"
        figures = (f"{one.median_ms:.0f}", f"{one.p95_ms:.0f}", f"{one.slowest_ms:.0f}", f"{one.kilobytes:.0f}")
        shown.add_row(one.name, str(one.requests), *figures, mark)
    return shown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
