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
import re
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
# A page so slow that its requests take longer is measured by fewer: the goal is missed by far.
PATIENCE_SECONDS = 120.0
SEED = 7


@dataclass(frozen=True)
class Page:
    """One kind of page: what it is called, and an address of it for the next request."""

    name: str
    address: Callable[[random.Random], str]


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
            timings = timed(_logged_in(airflow), airflow.url, wanted, asked.requests, console)
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


def timed(session: requests.Session, url: str, asked: list[Page], count: int, console: Console) -> list[Timing]:
    """Measure each page in turn, and tell it as soon as it is known."""
    timings = []
    for page in asked:
        timing = measure(session, url, page, count)
        told = timing.refused or f"median {timing.median_ms:6.1f} ms   95 % {timing.p95_ms:6.1f} ms"
        console.print(f"  {page.name:<40} {told}")
        timings.append(timing)
    return timings


def measure(session: requests.Session, url: str, page: Page, count: int) -> Timing:
    """Ask for the page `count` times after a few to warm up; ends with the first answer that is no page."""
    addresses, began = random.Random(SEED), time.monotonic()
    milliseconds: list[float] = []
    size = 0
    for number in range(-5, count):
        if len(milliseconds) >= 5 and time.monotonic() - began > PATIENCE_SECONDS:
            break
        address = page.address(addresses)
        begun = time.perf_counter()
        answer = session.get(f"{url}/passback/{address}", timeout=60)
        took = (time.perf_counter() - begun) * 1000
        if answer.status_code != requests.codes.ok:
            return Timing(page.name, max(number, 0), refused=f"{answer.status_code} for {address} after {took:.0f} ms")
        if number >= 0:
            milliseconds.append(took)
            size += len(answer.content)
    return Timing(
        page.name,
        len(milliseconds),
        median_ms=round(statistics.median(milliseconds), 1),
        p95_ms=round(statistics.quantiles(milliseconds, n=20, method="inclusive")[-1], 1),
        slowest_ms=round(max(milliseconds), 1),
        kilobytes=round(size / len(milliseconds) / 1024, 1),
    )


@dataclass(frozen=True)
class Sample:
    """Values that the addresses are made of, taken from the database."""

    items: list[tuple[str, str]]
    schools: list[str]
    sections: list[int]
    teachers: list[int]
    codes: list[str]
    newest_run: str

    @classmethod
    def of(cls, uri: str) -> Sample:
        """What is there; the items are those with a row of every night."""
        with psycopg.connect(uri) as connection:

            def column(statement: str) -> list[str]:
                return [row[0] for row in connection.execute(statement.encode())]

            items = connection.execute(
                "select source, source_item_id from passback.run_item where run_key = 1 order by item_no"
            ).fetchall()
            return cls(
                [(source, item) for source, item in items],
                column("select school_number from staging.school order by 1"),
                [int(dcid) for dcid in column("select section_dcid from staging.section order by 1")],
                [int(dcid) for dcid in column("select distinct users_dcid from staging.section_teacher order by 1")],
                column("select distinct code from passback.line order by 1"),
                column("select run_id from passback.run order by run_key desc limit 1")[0],
            )


def pages(of: Sample) -> list[Page]:
    """What is asked for: the status log in the ways that people ask, and the other pages."""
    words = ("quiz", "essay draft 12", "3999", "Lab")
    statuses = ("successful", "error", "skipped", "held", "not_yet_synced")
    return [
        Page("a style sheet, for comparison", lambda _: "static/passback.css"),
        Page("status log, as it opens", lambda _: ""),
        Page("status log, one status", lambda pick: at("", status=pick.choice(statuses))),
        Page("status log, one school", lambda pick: at("", school=pick.choice(of.schools))),
        Page("status log, one section", lambda pick: at("", section=pick.choice(of.sections))),
        Page("status log, one teacher", lambda pick: at("", teacher=pick.choice(of.teachers))),
        Page("status log, one code", lambda pick: at("", code=pick.choice(of.codes))),
        Page("status log, school, source and status", lambda pick: at(
            "", school=pick.choice(of.schools), source=pick.choice(("otus", "schoology")), status="error")),
        Page("status log, words of the title", lambda pick: at("", q=pick.choice(words))),
        Page("status log, sorted", lambda pick: at("", sort=pick.choice(("title", "-title", "synced", "status")))),
        Page("status log, a deep page", lambda pick: at("", page=pick.randint(400, 780))),
        Page("status log, rows alone (refresh)", lambda _: "log"),
        Page("View error", lambda pick: item_at("problem", pick.choice(of.items))),
        Page("item page", lambda pick: item_at("item", pick.choice(of.items))),
        Page("item page, older runs", lambda pick: item_at("item", pick.choice(of.items), runs=pick.randint(2, 40))),
        Page("error guide", lambda _: "errors"),
        Page("configuration", lambda _: "configuration"),
        Page("run tab", lambda _: at("run", dag_id="passback_nightly", run_id=of.newest_run)),
    ]  # fmt: skip


def at(route: str, **parameters: object) -> str:
    """A route with its parameters, as an address."""
    return f"{route}?{urlencode(parameters)}"


def item_at(route: str, item: tuple[str, str], **more: object) -> str:
    """The address of a page about one item."""
    return at(route, source=item[0], id=item[1], **more)


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
