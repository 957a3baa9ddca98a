"""`make chaos ARGS="airflow …"`: nights under a real Airflow, struck somewhere by seed, and compared with clean ones.

For each seed a night runs with scheduler, tasks, api-server, PostgreSQL and the sandbox over HTTP as processes of their
own. Something dies at a write, at a COMMIT or at an instant; Airflow recovers; then PowerSchool, ledger and books must
be as after a night that nobody struck.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import signal
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chaos import outcomes
from chaos.airflow_night import Night
from chaos.airflow_world import World, opened
from chaos.outcomes import Kept, Outcome
from chaos.schedules import Schedule, drawn

TAIL = 200_000


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog='make chaos ARGS="airflow …"', description=__doc__)
    made.add_argument("--seed", type=int, action="append", help="only this schedule; several times")
    made.add_argument("--schedules", type=int, default=40, help="how many, from --first on (40)")
    made.add_argument("--first", type=int, default=1, help="the first seed (1)")
    made.add_argument("--minutes", type=float, help="begin no schedule after so long")
    made.add_argument("--keep", action="store_true", help="leave the home with database and logs behind, and say where")
    made.add_argument("--table", type=Path, nargs="+", metavar="JSON", help="only print the table of kept results")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the schedules that are asked for; 1 where anything was lost, doubled or otherwise wrong."""
    asked = parser().parse_args(arguments)
    if asked.table:
        print(outcomes.markdown(outcomes.read(asked.table)))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the tree is taken down on the way out
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
    seeds = asked.seed or list(range(asked.first, asked.first + asked.schedules))
    with console.status("starting PostgreSQL, the sandbox and Airflow; measuring clean nights"):
        tree = opened(asked.keep)
        world = tree.__enter__()
    try:
        found = campaign(world, seeds, console, asked.minutes)
    finally:
        tree.__exit__(None, None, None)
    console.print(outcomes.table(found))
    console.print(outcomes.summary(found))
    return 0 if all(one.good for one in found) else 1


def campaign(world: World, seeds: list[int], console: Console, minutes: float | None = None) -> list[Outcome]:
    """The schedules of these seeds, one after the other; the first night of each start state is struck by nobody."""
    base = measured(world, console)
    kept = Kept(outcomes.version(), max(base.values()))
    console.print(f"results: {kept.path}")
    deadline = time.monotonic() + minutes * 60 if minutes else None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("schedules", total=len(seeds))
        for seed in seeds:
            if deadline and time.monotonic() > deadline:
                console.print(f"time is up before seed {seed}")
                break
            schedule = drawn(seed, world.places)
            progress.update(bar, description=f"{seed} {schedule.words}"[:90])
            outcome = one(world, schedule, base[schedule.state])
            kept.add(outcome)
            tell(console, outcome)
            progress.advance(bar)
    return kept.outcomes


def measured(world: World, console: Console) -> dict[str, float]:
    """How long an undisturbed night takes from each start state; it must end like the one without Airflow."""
    seconds = {}
    for name in world.states:
        outcome = one(world, Schedule(0, name, ()), 0.0)
        tell(console, outcome)
        if not outcome.good:
            raise RuntimeError(f"an undisturbed night goes wrong: {outcome}")
        seconds[name] = outcome.seconds
    return seconds


def one(world: World, schedule: Schedule, base_seconds: float) -> Outcome:
    """One schedule; where it fails, what is known of it goes to build/chaos/<seed>."""
    sizes = {path: path.stat().st_size for path in _logs(world)}
    night = Night(world, schedule, base_seconds)
    outcome = night.run()
    if not outcome.good:
        evidence(world, night, sizes)
    return outcome


def tell(console: Console, outcome: Outcome) -> None:
    """One line, and where something is wrong what it is and how to repeat it."""
    console.print(outcome.line)
    if not outcome.good:
        for problem in outcome.problems[:10]:
            console.print(f"    {problem[:400]}", markup=False, style="red")
        console.print(
            f'    make chaos ARGS="airflow --seed {outcome.seed}"; logs: {outcomes.BUILD / str(outcome.seed)}'
        )


def evidence(world: World, night: Night, sizes: dict[Path, int]) -> None:
    """Keep what tells how it came to it: requests, places, rows of the writes, logs of Airflow since the start."""
    what = {
        "outcome": dataclasses.asdict(night.outcome),
        "schedule": dataclasses.asdict(night.schedule),
        "places": [place.label for place in world.points.places],
        "missed": night.missed,
        "requests": [entry for entry in world.box.control.log() if entry["kind"] != "token"],
        "rows": world.rows(),
    }
    folder = outcomes.keep_evidence(night.schedule.seed, what)
    for path in _logs(world):
        with path.open("rb") as file:
            file.seek(max(sizes.get(path, 0), path.stat().st_size - TAIL))
            (folder / path.name).write_bytes(file.read())
    for run_id in night.run_ids:
        for logs in (world.home / "airflow" / "logs").glob(f"dag_id=*/run_id={run_id}"):
            shutil.copytree(logs, folder / run_id, dirs_exist_ok=True)


def _logs(world: World) -> list[Path]:
    return [*(world.home / "logs").glob("*.log"), world.server.log]


if __name__ == "__main__":
    sys.exit(main())
