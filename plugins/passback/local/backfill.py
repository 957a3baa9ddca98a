"""`make backfill FROM= TO=`: Airflow's own backfill of the nightly DAG over as-of days, both included.

It is what `airflow backfill create` makes, asked for over the REST API of `make up`; where nothing is up, Airflow is
started for the length of the backfill, with its schedule off. Nights that were run before are run again.
"""

import argparse
import datetime
import os
import sys
import time
import tomllib
import zoneinfo
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from passback.local import up
from passback.local.environment import NIGHTLY, environment
from passback.local.home import is_held, resolve
from passback.local.night import RED, WRONG_USE, WrongUseError, configuration
from passback.local.rest import FINISHED, Airflow, AirflowError


def bounds(first: str, last: str, zone: str) -> tuple[datetime.datetime, datetime.datetime]:
    """The instants between which the nights of these as-of days begin: midnights of the district, not of UTC.

    Airflow reads a bare day as midnight UTC, which is another day in the district. Raises `WrongUseError`.
    """
    try:
        days = [datetime.date.fromisoformat(day.strip()) for day in (first, last)]
        local = zoneinfo.ZoneInfo(zone)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError) as error:
        raise WrongUseError(f"FROM and TO must be days like 2026-10-15, the time zone an IANA name: {error}") from None
    if days[0] > days[1]:
        raise WrongUseError(f"FROM ({first}) is after TO ({last})")
    start = datetime.datetime.combine(days[0], datetime.time.min, local)
    end = datetime.datetime.combine(days[1] + datetime.timedelta(days=1), datetime.time.min, local)
    return start, end - datetime.timedelta(seconds=1)


def create(
    airflow: Airflow, start: datetime.datetime, end: datetime.datetime, conf: dict[str, Any] | None = None
) -> int:
    """Create the backfill, one night after the other; returns its id. Raises `AirflowError`."""
    close_finished(airflow)
    body = {
        "dag_id": NIGHTLY,
        "from_date": start.isoformat(),
        "to_date": end.isoformat(),
        "dag_run_conf": conf or {},
        "reprocess_behavior": "completed",
        "max_active_runs": 1,
    }
    return int(airflow.call("POST", "backfills", json=body)["id"])


def close_finished(airflow: Airflow) -> None:
    """Close the backfills that have nothing left to do: Airflow does so itself up to half a minute later.

    Until then it would refuse the next one.
    """
    for open_one in airflow.call("GET", "backfills", params={"dag_id": NIGHTLY, "limit": 100})["backfills"]:
        if open_one["completed_at"] is None:
            start, end = (datetime.datetime.fromisoformat(open_one[name]) for name in ("from_date", "to_date"))
            if all(run["state"] in FINISHED for run in runs(airflow, start, end)):
                airflow.call("PUT", f"backfills/{open_one['id']}/cancel")


def runs(airflow: Airflow, start: datetime.datetime, end: datetime.datetime) -> list[dict[str, Any]]:
    """The nights between the two instants, oldest first, each as Airflow tells its run."""
    asked = {"logical_date_gte": start.isoformat(), "logical_date_lte": end.isoformat(), "order_by": "logical_date"}
    found = airflow.call("GET", f"dags/{NIGHTLY}/dagRuns", params=asked | {"limit": 1000, "run_type": "backfill"})
    return list(found["dag_runs"])


def follow(airflow: Airflow, backfill_id: int, start: datetime.datetime, end: datetime.datetime) -> Counter[str]:
    """Show the nights until the backfill has ended; returns how many ended in which state."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console()) as progress:
        bar = progress.add_task("nights", total=None)
        while True:
            completed = airflow.call("GET", f"backfills/{backfill_id}")["completed_at"] is not None
            states = Counter(str(run["state"]) for run in runs(airflow, start, end))
            done = sum(states[state] for state in FINISHED)
            progress.update(bar, total=states.total() or None, completed=done)
            if completed or (states.total() and done == states.total()):
                close_finished(airflow)
                return states
            time.sleep(1)


def _zone(home: Path) -> str:
    """The district's time zone, from the settings that the running Airflow uses, else from this environment's."""
    path = Path(up.told(home).get("district") or environment(home)["PASSBACK_DISTRICT"])
    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8"))["time_zone"])
    except (OSError, KeyError, ValueError) as error:
        raise WrongUseError(f"no time_zone can be read from {path}: {error}") from None


@contextmanager
def _airflow(home: Path) -> Iterator[Airflow]:
    if is_held(up.lock_of(home)):
        yield up.client(home)
        return
    print("nothing is up: starting Airflow for this backfill", flush=True)
    with up.running(home, dict(os.environ) | {"AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False"}) as airflow:
        yield airflow


def main(arguments: list[str] | None = None) -> int:
    """Run the backfill; the exit status is 0 where every night was green, 1 where one was red, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="make backfill", description="The nights of a range of as-of days.")
    parser.add_argument("--from", dest="first", required=True, help="the first as-of day, like 2026-10-12")
    parser.add_argument("--to", dest="last", required=True, help="the last as-of day, included")
    parser.add_argument("--conf", default="", help="the DAG's parameters as JSON; as_of is each night's own")
    given = parser.parse_args(arguments)
    home = resolve()
    try:
        conf = configuration("", given.conf)
        if "as_of" in conf:
            raise WrongUseError("each night of a backfill has its own as-of day: leave as_of out of CONF")
        with _airflow(home) as airflow:
            start, end = bounds(given.first, given.last, _zone(home))
            states = follow(airflow, create(airflow, start, end, conf), start, end)
    except (WrongUseError, up.UpError) as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except AirflowError as error:
        print(f"Airflow refused the backfill: {error}", file=sys.stderr)
        return RED
    print(", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "no night in this range")
    return 0 if set(states) == {"success"} else RED


if __name__ == "__main__":
    sys.exit(main())
