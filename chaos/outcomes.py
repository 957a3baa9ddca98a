"""What became of each schedule: kept as JSON, told as tables."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from passback.local.home import PROJECT

BUILD = PROJECT / "build" / "chaos"
RETRY, CLEAR, NEXT_NIGHT, UNHURT = "by itself", "cleared once", "next night", "unhurt"


@dataclass
class Outcome:
    """One schedule and its end. `struck` has a line for each blow that hit something; `attempts` is the most tries
    that one task had; `recovered` says what it took; `problems` is empty where nothing is lost, doubled or wrong."""

    seed: int
    state: str
    victims: list[str]
    places: list[str]
    ways: list[str]
    struck: list[str] = field(default_factory=list)
    attempts: int = 0
    nights: int = 0
    recovered: str = ""
    seconds: float = 0.0
    lost: int = 0
    doubled: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether all is as after a clean night."""
        return not self.problems

    @property
    def line(self) -> str:
        """In one line of a terminal."""
        blows = "; ".join(f"{who}, {where}" for who, where in zip(self.victims, self.places, strict=True)) or "nobody"
        hit = f"hit {', '.join(self.struck)}" if self.struck else "nothing hit"
        mark = "[green]✓[/]" if self.good else "[red]✗[/]"
        return f"{mark} {self.seed:>6} {self.state}: {blows} ({hit}); {self.recovered}, {self.seconds:.0f} s"


def version() -> str:
    """The version under test, as git describes it."""
    command = ["git", "describe", "--always", "--dirty", "--tags"]
    answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"


class Kept:
    """The campaign's file, written anew after each schedule."""

    def __init__(self, tested: str, base_seconds: float, folder: Path = BUILD) -> None:
        """`base_seconds` is how long a night takes that nobody strikes."""
        folder.mkdir(parents=True, exist_ok=True)
        now = dt.datetime.now(dt.UTC)
        self.path = folder / f"airflow-{now:%Y%m%dT%H%M}-{tested}.json"
        self.about = {"driver": "airflow", "version": tested, "began_at": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
        self.base_seconds = base_seconds
        self.outcomes: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        """Keeps one more."""
        self.outcomes.append(outcome)
        rows = [asdict(one) for one in self.outcomes]
        whole = self.about | {"undisturbed_seconds": round(self.base_seconds, 1), "schedules": rows}
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(whole, indent=1, ensure_ascii=False), encoding="utf-8")
        part.replace(self.path)


def read(paths: Iterable[Path]) -> list[Outcome]:
    """The outcomes of kept files, one after the other."""
    return [Outcome(**row) for path in paths for row in json.loads(path.read_text(encoding="utf-8"))["schedules"]]


COLUMNS = ("struck", "write", "commit", "instant", "by itself", "cleared", "next night", "lost", "doubled", "other")


def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """A row for each victim, and the sum: blows that hit by way, how the night recovered, what was lost.

    A schedule with two blows counts in the row of the first one; `twice` says how many those are.
    """
    victims = sorted({one.victims[0] for one in outcomes if one.struck and one.victims})
    table = [_row(who, [one for one in outcomes if one.struck and one.victims[:1] == [who]]) for who in victims]
    return [*table, _row("all", [one for one in outcomes if one.struck])]


def _row(name: str, of: Sequence[Outcome]) -> tuple[str, ...]:
    ways = [sum(one.ways[0] == way for one in of) for way in ("write", "commit", "instant")]
    took = [sum(one.recovered == how for one in of) for how in (RETRY, CLEAR, NEXT_NIGHT)]
    lost, doubled = sum(one.lost for one in of), sum(one.doubled for one in of)
    other = sum(len(one.problems) for one in of) - lost - doubled
    return (name, *map(str, (len(of), *ways, *took, lost, doubled, other)))


def table(outcomes: Sequence[Outcome]) -> Table:
    """The table for a terminal."""
    shown = Table(title="nights under Airflow, struck", title_justify="left", box=box.SIMPLE_HEAD)
    shown.add_column("who was struck")
    for name in COLUMNS:
        shown.add_column(name, justify="right")
    for row in rows(outcomes):
        shown.add_row(*row)
    return shown


def summary(outcomes: Sequence[Outcome]) -> str:
    """All of them in one line."""
    struck = [one for one in outcomes if one.struck]
    wrong = [str(one.seed) for one in outcomes if not one.good]
    blows = sum(len(one.struck) for one in struck)
    lost, doubled = sum(one.lost for one in outcomes), sum(one.doubled for one in outcomes)
    end = f"wrong: seeds {', '.join(wrong)}" if wrong else "none wrong"
    return f"{len(struck)} nights struck {blows} times: {lost} lost, {doubled} doubled, {end}"


def markdown(outcomes: Sequence[Outcome]) -> str:
    """The table for docs/reliability.md."""
    head = ["who was struck", *COLUMNS]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * len(COLUMNS)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows(outcomes))])


def keep_evidence(seed: int, what: dict[str, Any], folder: Path = BUILD) -> Path:
    """The folder of a seed that failed, with what is known as JSON."""
    place = folder / str(seed)
    place.mkdir(parents=True, exist_ok=True)
    text = json.dumps(what, indent=1, ensure_ascii=False, default=str)
    (place / "found.json").write_text(text, encoding="utf-8")
    return place
