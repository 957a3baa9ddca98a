"""`make rebuild-ledger` and `make release-unverified`: the ledger from PowerSchool, and what waits after it.

Like `make night` it works on whatever connections, settings and home the environment gives, and starts the embedded
database where no other is given. It can be ended and run again at any time.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console

from passback.errors import PassbackError
from passback.local.environment import environment
from passback.local.home import resolve
from passback.local.night import GREEN, RED, WRONG_USE
from passback.local.postgres import Postgres
from passback.local.screen import silence

if TYPE_CHECKING:
    from passback.rebuild.engine import Reading

PROGRESS_SECONDS = 2.0
SHOWN = 20


def main(arguments: list[str] | None = None) -> int:
    """Rebuild or release; the exit status: 0 done, 1 something could not be read or is wrong, 2 wrong use."""
    given = _parser().parse_args(arguments)
    try:
        sections = _sections(given.sections)
    except ValueError:
        print(f"SECTIONS is no list of PowerSchool's section DCIDs like 85001,85002: {given.sections}", file=sys.stderr)
        return WRONG_USE
    home = resolve()
    if not os.environ.get("AIRFLOW_CONN_PASSBACK_DB"):
        Postgres(home).start()
    os.environ.update(environment(home, metadata="airflow_night"))
    sys.path[:0] = [path for path in os.environ["PYTHONPATH"].split(os.pathsep) if path not in sys.path]
    log = home / "logs" / "rebuilds" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    console = silence(log)
    try:
        if given.release:
            return _release(console, given.accept.strip(), sections)
        return _rebuild(console, sections, dry_run=bool(given.dry_run.strip()))
    except PassbackError as error:
        console.print(f"[red]✗[/] {error}", markup=True)
        console.print(f"the whole log: {log}", markup=False)
        return RED


def _rebuild(console: Console, sections: list[int] | None, *, dry_run: bool) -> int:
    from passback import steps
    from passback.steps.rebuilding import asked_by_hand

    if dry_run:
        console.print("A preview: the ledger stays as it is.")
    console.print("Reading PowerSchool's roster …")
    told = steps.rebuild_ledger(asked_by_hand({"dry_run": dry_run}), sections=sections, tell=_Progress(console))
    _say_what_was_found(console, told)
    console.print(told["folder"], markup=False)
    return GREEN


def _say_what_was_found(console: Console, told: dict[str, Any]) -> None:
    console.print(f"{told['sections_read']:,} sections read, {told['requests']['total']:,} requests")
    for row in told["found"]:
        console.print(f"  {row['count']:>9,} {row['level']}s: {row['what']}", markup=False)
    if not told["found"]:
        console.print("  The ledger is what PowerSchool holds.")
    ledger = told["ledger"]
    console.print(
        f"The ledger has {ledger['items']:,} items and {ledger['scores']:,} scores; unverified are "
        f"{ledger['items_unverified']:,} and {ledger['scores_unverified']:,}."
    )
    if ledger["items_elsewhere"]:
        console.print(
            f"  {ledger['items_elsewhere']:,} items are of sections that are not in the roster: left as they are."
        )


def _release(console: Console, accept: str, sections: list[int] | None) -> int:
    from passback import steps

    if accept:
        let_go = steps.release_unverified(accept, getpass.getuser(), sections)
        then = "the next run sends them" if accept == "source" else "PowerSchool's values stay"
        console.print(f"{let_go['items']:,} items and {let_go['scores']:,} scores released: {then}.")
        return GREEN
    waiting = steps.unverified_changes(sections)
    if not waiting:
        console.print("Nothing waits as UNVERIFIED in the last run of its item. Run a night, or a preview, first.")
        return GREEN
    for row in waiting[:SHOWN]:
        who = f" student {row['student_number']}" if row["student_number"] else ""
        text = f"section {row['section_dcid']} · {row['title']}{who}: {row['powerschool']} → {row['source_value']}"
        console.print(text, markup=False)
    console.print(f"{len(waiting):,} changes wait: PowerSchool's value → the source's. All of them are in")
    console.print(steps.write_unverified(waiting), markup=False)
    console.print("Release them by ACCEPT=source or ACCEPT=powerschool, with SECTIONS=… for some of them.")
    return GREEN


class _Progress:
    """A line every few seconds."""

    def __init__(self, console: Console) -> None:
        self._console, self._told_at = console, time.monotonic()

    def __call__(self, reading: Reading) -> None:
        """Tell how far the reading is, where it is time."""
        if time.monotonic() - self._told_at < PROGRESS_SECONDS and reading.done < reading.units:
            return
        self._told_at = time.monotonic()
        self._console.print(
            f"{reading.done:,} of {reading.units:,} teachers · "
            f"{reading.sections_read:,} of {reading.sections:,} sections · "
            f"{sum(reading.counts.values()):,} differences · {reading.requests.total:,} requests"
        )


def _sections(text: str) -> list[int] | None:
    return [int(part) for part in text.split(",")] if text.strip() else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make rebuild-ledger", description="The ledger from what PowerSchool holds.")
    parser.add_argument("--sections", default="", help="only these SECTIONS.DCIDs, like 85001,85002")
    parser.add_argument("--dry-run", default="", help="anything: only say what would change")
    parser.add_argument("--release", action="store_true", help="list what waits as UNVERIFIED, or release it")
    parser.add_argument("--accept", default="", help="source or powerschool: whose values stay")
    return parser


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # as make night: the interpreter would take 2 s to take Airflow's modules apart
