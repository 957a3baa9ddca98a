"""The delivery code broken on purpose, one defence at a time: the schedules and cases must notice each of them.

A mutation is an exact replacement of text in a copy of the project's `plugins` and `include/sql`; its text must be
there exactly once, so that a change of the code that it breaks is seen here. Each names the trials that catch it: a
place and a blow of `chaos.stages`, or a case of `chaos.cases`. A mutation that fails without any death proves nothing,
unless its trial is a clean night; and a trial that finds fault with the code as it is proves nothing either.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from chaos.cases import CASES
from chaos.checks import differences
from chaos.mutations import MUTATIONS, Edit, Mutation
from chaos.stage_world import copy_tree
from chaos.stages import Schedule, Stages, stages

CLEAN = "clean"
NEVER = "the place was never passed"


@dataclass(frozen=True)
class Catch:
    """What noticed a mutation: the trial, and the first thing that it said; nothing where it slipped through."""

    mutation: Mutation
    trial: str
    said: str
    seconds: float


def apply(edits: Sequence[Edit], root: Path) -> None:
    """Breaks the code under `root`; ValueError where a text is not there exactly once."""
    for edit in edits:
        path = root / edit.file
        text = path.read_text(encoding="utf-8")
        if (count := text.count(edit.old)) != 1:
            raise ValueError(f"{edit.file} holds {count} times, and not once: {edit.old}")
        path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


def trial(driver: Stages, words: str) -> list[str]:
    """What a trial says: a case, `clean <act>`, or a place with its blow behind a comma."""
    if words in CASES:
        return CASES[words](driver)
    if words.startswith(CLEAN):
        return clean_night(driver, words.removeprefix(CLEAN).strip())
    place, _, blow = words.rpartition(", ")
    return [problem for problem in driver.run(Schedule(place, blow)).problems if problem != NEVER]


def clean_night(driver: Stages, act: str) -> list[str]:
    """What is wrong after a night in which nothing died."""
    driver.world.reset(act)
    night = driver.world.night(act, f"{act} ")
    wanted = driver.clean[act]
    problems = [f"{one.kind}: {one.text}" for one in differences(wanted.found, driver.world.look())]
    problems += [f"never told: {' '.join(line)}" for line in sorted(wanted.night.told - night.told)]
    if night.totals != wanted.night.totals or night.mismatches or night.failures:
        problems.append(f"its books differ: {night.totals}, {night.mismatches} not there {night.failures[:1]}")
    return problems


def control(driver: Stages, mutation: Mutation) -> list[str]:
    """What the mutation's trials say of the code as it is: where that is anything, they prove nothing."""
    return [f"{words}: {said}" for words in mutation.trials for said in _unbroken(driver, words)]


def _unbroken(driver: Stages, words: str) -> list[str]:
    if words not in driver.controls:
        driver.controls[words] = trial(driver, words)
    return driver.controls[words]


def sabotage(driver: Stages, mutation: Mutation) -> Catch:
    """Runs the mutation's trials until one notices it; none counts that finds fault with the code as it is."""
    begun = time.monotonic()
    if wrong := control(driver, mutation):
        return Catch(mutation, "", f"without any sabotage, {wrong[0]}", time.monotonic() - begun)
    root = driver.world.home / f"sabotage-{mutation.name}"
    copy_tree(root)
    apply(mutation.edits, root)
    with driver.world.using(root):
        if not mutation.trials[0].startswith(CLEAN) and (crude := clean_night(driver, "first")):
            return Catch(mutation, "", f"too crude, it fails by itself: {crude[0]}", time.monotonic() - begun)
        for words in mutation.trials:
            if problems := trial(driver, words):
                return Catch(mutation, words, problems[0], time.monotonic() - begun)
    return Catch(mutation, "", "", time.monotonic() - begun)


def parser() -> argparse.ArgumentParser:
    """The command line of `python -m chaos sabotage`."""
    made = argparse.ArgumentParser(prog="python -m chaos sabotage", description=__doc__)
    made.add_argument("--only", nargs="*", choices=[one.name for one in MUTATIONS], help="only these mutations")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Breaks the code in every way, prints what noticed each; 0 where none slipped through."""
    options = parser().parse_args(arguments)
    meant = [one for one in MUTATIONS if not options.only or one.name in options.only]
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("broken", "noticed by", "which says"):
        table.add_column(column, overflow="fold")
    slipped = []
    with stages() as driver:
        for mutation in meant:
            found = sabotage(driver, mutation)
            table.add_row(mutation.name, found.trial or "[red]nothing[/]", found.said[:100])
            print(
                f"{mutation.name}: {found.trial or 'NOT NOTICED'} ({found.seconds:.0f} s) {found.said[:200]}",
                file=sys.stderr,
            )
            if not found.trial:
                slipped.append(mutation.name)
    Console(highlight=False, width=160).print(table)
    print(
        f"{len(meant)} ways to break delivery, {len(meant) - len(slipped)} noticed"
        + (f"; NOT: {slipped}" * bool(slipped))
    )
    return 1 if slipped else 0


if __name__ == "__main__":
    raise SystemExit(main())
