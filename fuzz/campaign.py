"""A campaign: nights over fuzzed records, source by source, and the parsers, target by target; what each came to."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from fuzz import (
    corpus,
    drawing,
    mutating,
    otus_night,
    otus_records,
    parsers,
    roster_night,
    schoology_night,
    schoology_records,
)
from fuzz.ground import Ground
from fuzz.target import find_name

Drawn = Mapping[str, list[bytes]]
BATCH = 6_000
# A find is made smaller by so many further nights at most.
MOST_NIGHTS = 30
LONGEST_WORD = 60


@dataclass(slots=True)
class Result:
    """What one target came to; `finds` are the promises broken, or the places of undeclared exceptions."""

    target: str
    inputs: int = 0
    finds: list[str] = field(default_factory=list)
    seconds: float = 0.0
    seed: int = 0
    more: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """How records of a source are drawn and driven through a night."""

    records: ModuleType
    last: str
    check: Callable[[Ground, Drawn], dict[str, int]]

    def draw(self, count: int, seed: int) -> Drawn:
        """So many records, the same for the same seed."""
        return drawing.of_collections(self.records.STRATEGIES, self.records.SHARES, self.last, count, seed)


SOURCES = {
    "otus": Source(otus_records, "scores", otus_night.check),
    "schoology": Source(schoology_records, "grades", schoology_night.check),
    "powerschool": Source(roster_night, "enrollments", roster_night.check),
}
Tell = Callable[[str], None]


def nights(ground: Ground, name: str, count: int, seed: int, finds: Path, tell: Tell, batch: int = BATCH) -> Result:
    """Nights of at most `batch` records until `count` have been drawn; a find is made small and kept."""
    source, result, began = SOURCES[name], Result(name, seed=seed), time.monotonic()
    drawn_so_far = 0
    while drawn_so_far < count:
        batch_seed = seed * 1_000 + drawn_so_far // batch
        drawn = source.draw(min(batch, count - drawn_so_far), batch_seed)
        drawn_so_far += sum(map(len, drawn.values()))
        try:
            told = source.check(ground, drawn)
        except Exception as error:
            promise = promise_of(error)
            result.finds.append(f"{promise} (batch {batch_seed})")
            tell(f"{name}: FIND {promise}: {str(error)[:600]}")
            keep(finds, name, batch_seed, error, smaller(ground, source, drawn, promise, tell))
        else:
            for outcome, number in told.items():
                result.more[outcome] = result.more.get(outcome, 0) + number
        result.inputs = drawn_so_far
        tell(
            f"{name}: {drawn_so_far:,} of {count:,} records, {time.monotonic() - began:.0f} s, "
            f"{len(result.finds)} finds"
        )
    result.seconds = time.monotonic() - began
    return result


def promise_of(error: BaseException) -> str:
    """What makes two failures the same find."""
    return str(getattr(error, "promise", type(error).__name__))


def smaller(ground: Ground, source: Source, drawn: Drawn, promise: str, tell: Tell) -> Drawn:
    """Fewer records that break the same promise: halves and quarters are left out as long as it stays broken."""
    flat = [(name, raw) for name, held in drawn.items() for raw in held]
    parts, tries = 2, 0
    while len(flat) > 1 and tries < MOST_NIGHTS and parts <= 2 * len(flat):
        size = max(1, len(flat) // parts)
        for first in range(0, len(flat), size):
            rest = flat[:first] + flat[first + size :]
            tries += 1
            if rest and _breaks(ground, source, _grouped(rest, drawn), promise):
                flat, parts = rest, max(2, parts - 1)
                break
            if tries >= MOST_NIGHTS:
                break
        else:
            parts *= 2
    tell(f"  {len(flat)} records are enough, after {tries} nights")
    return _grouped(flat, drawn)


def _grouped(flat: list[tuple[str, bytes]], like: Drawn) -> dict[str, list[bytes]]:
    return {name: [raw for of, raw in flat if of == name] for name in like}


def _breaks(ground: Ground, source: Source, drawn: Drawn, promise: str) -> bool:
    try:
        source.check(ground, drawn)
    except Exception as error:
        return promise_of(error) == promise
    return False


def keep(finds: Path, name: str, seed: int, error: BaseException, drawn: Drawn) -> Path:
    """Writes a find of records as a file that the regression test reads."""
    path = finds / "records" / f"{name}-{seed}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    records = {of: [base64.b64encode(raw).decode() for raw in held] for of, held in drawn.items()}
    path.write_text(
        json.dumps({"source": name, "promise": promise_of(error), "records": records}, indent=1) + "\n",
        encoding="utf-8",
    )
    return path


def kept(path: Path) -> tuple[str, dict[str, list[bytes]]]:
    """The source and the records of a find's file."""
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held["source"], {of: [base64.b64decode(raw) for raw in raws] for of, raws in held["records"].items()}


def has_atheris() -> bool:
    """Whether the search can be guided by coverage here."""
    return importlib.util.find_spec("atheris") is not None


def parser(name: str, count: int, seconds: int, seed: int, folder: Path, finds: Path, tell: Tell) -> Result:
    """One parser, so many inputs or so many seconds (0: no limit): by atheris where it is, else by blind changes."""
    began, result = time.monotonic(), Result(name, seed=seed)
    place = finds / "parsers"
    place.mkdir(parents=True, exist_ok=True)
    seeds = corpus.seeds()[name]
    if has_atheris():
        guided(name, count, seconds, folder / name, place, seeds, result)
    else:
        blind(name, count, place, seeds, result)
    result.seconds = time.monotonic() - began
    tell(f"{name}: {result.inputs:,} inputs, {result.seconds:.0f} s, {len(result.finds)} finds")
    return result


def guided(name: str, count: int, seconds: int, own: Path, finds: Path, seeds: list[bytes], result: Result) -> None:
    """In a process of its own, for libFuzzer ends the one that it runs in."""
    own.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (own / f"seed-{number:03d}").write_bytes(seed)
    words = own.with_suffix(".dict")
    words.write_text("".join(_entry(word) for word in mutating.WORDS if len(word) <= LONGEST_WORD), encoding="ascii")
    limits = [
        f"-dict={words}",
        f"-runs={count}",
        f"-seed={result.seed}",
        *([f"-max_total_time={seconds}"] if seconds else []),
    ]
    command = [
        sys.executable,
        "-m",
        "fuzz.guided",
        name,
        str(own),
        str(finds),
        f"-artifact_prefix={finds}/{name}-",
        *limits,
    ]
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    said = (ended.stdout + ended.stderr).splitlines()
    result.finds = [line.removeprefix(f"FIND {name}: ") for line in said if line.startswith("FIND ")]
    done = [line for line in said if line.startswith("Done ")]
    result.inputs = int(done[-1].split()[1]) if done else 0
    if not done:
        result.finds.append(f"the process ended with {ended.returncode}: {' | '.join(said[-3:])[:400]}")


def _entry(word: bytes) -> str:
    """A line of libFuzzer's dictionary."""
    return '"' + "".join(f"\\x{one:02x}" for one in word) + '"\n' if word else ""


def blind(name: str, count: int, finds: Path, seeds: list[bytes], result: Result) -> None:
    """In this process."""
    target = parsers.targets()[name]
    for data in mutating.mutations(seeds, count, result.seed):
        result.inputs += 1
        try:
            target.try_input(data)
        except Exception as error:
            said = f"{type(error).__name__}: {str(error)[:200]}"
            if said not in result.finds:
                result.finds.append(said)
                (finds / find_name(name, data)).write_bytes(data)
