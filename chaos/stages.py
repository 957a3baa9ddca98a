"""The fast driver: a night as real processes, one a step, in which something dies at one chosen place.

Every schedule begins from a fresh copy of a start state, strikes once at a place, runs the step that died again as
Airflow would, and then runs one more night. In the end PowerSchool, the ledger and what the reports told must be what
a night without any death and its next one make of it:

- nothing twice, nothing lost, ledger and PowerSchool the same, no write left open, the books balanced in both nights;
- where the struck night ends like the clean one, its books say the same, and the next night writes nothing;
- where it leaves something for the next night (a create in doubt), it says so;
- every edit, deletion and refusal that the clean nights tell of is told of at least once.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from chaos.blows import blows
from chaos.checks import Found, differences
from chaos.places import OnPlace, Peer, Place
from chaos.stage_night import Night
from chaos.stage_world import ACTS, StageWorld, stable

BLOWS = ("process", "connection", "database", "connections")
SHARES = (5, 3, 1, 1)  # how often a seed chooses each


@dataclass(frozen=True)
class Schedule:
    """What is to die, and where."""

    place: str
    blow: str

    @property
    def act(self) -> str:
        """The act that the place is in."""
        return self.place.partition(" ")[0]

    @property
    def command(self) -> str:
        """The command that repeats it."""
        return f'python -m chaos stages --place "{self.place}" --blow {self.blow}'


@dataclass(frozen=True)
class Clean:
    """What a night without any death and the next one leave behind, and the places that it passes."""

    places: list[Place]
    night: Night
    found: Found
    next_night: Night
    found_next: Found


@dataclass
class Result:
    """How a schedule ended: its problems, if there are any."""

    schedule: Schedule
    struck: int = 0
    deaths: int = 0
    settled_next_night: bool = False
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Stages:
    """Schedules over one world; `clean` holds what each act is measured by."""

    def __init__(self, world: StageWorld) -> None:
        """Runs both acts without a death, and learns their places."""
        self.world = world
        self.clean: dict[str, Clean] = {}
        self.controls: dict[str, list[str]] = {}  # what chaos.sabotage has learned of the code as it is
        for act in ACTS:
            world.reset(act)
            night = world.night(act, f"{act} ")
            if night.failures or night.red:
                log = "".join(path.read_text()[-3000:] for path in world.home.glob("zygote-*/steps.log"))
                raise RuntimeError(f"the clean night fails: {night.failures} {night.red}\n{log}")
            found, places = world.look(), stable(world.points.places)
            if act == "first":
                self._keep_second()
                world.reset(act)
                world.night(act)
            next_night = world.night(act)
            self.clean[act] = Clean(places, night, found, next_night, world.look())

    def _keep_second(self) -> None:
        self.world.day_of_edits()
        self.world.keep("second")

    @property
    def places(self) -> list[Place]:
        """All places of both acts."""
        return [place for act in ACTS for place in self.clean[act].places]

    def run(self, schedule: Schedule) -> Result:
        """Runs one schedule and judges its end."""
        begun = time.monotonic()
        result = Result(schedule)
        self.world.reset(schedule.act)
        night = self.world.night(schedule.act, f"{schedule.act} ", self._strike(schedule, result))
        found = self.world.look()
        next_night = self.world.night(schedule.act)
        result.deaths = len(night.failures)
        result.problems = self._judge(schedule, result, (night, found), (next_night, self.world.look()))
        result.seconds = time.monotonic() - begun
        return result

    def _strike(self, schedule: Schedule, result: Result) -> OnPlace:
        blow = blows(self.world.points, self.world.postgres.data)[schedule.blow]

        def strike(place: Place, peer: Peer) -> None:
            if place.label == schedule.place and not result.struck:
                result.struck += 1
                blow(place, peer)

        return strike

    def _judge(
        self, schedule: Schedule, result: Result, struck: tuple[Night, Found], after: tuple[Night, Found]
    ) -> list[str]:
        clean, (night, found), (next_night, found_next) = self.clean[schedule.act], struck, after
        problems = [] if result.struck else ["the place was never passed"]
        problems += judge(clean, night, next_night, found_next)
        result.settled_next_night = bool(differences(clean.found, found))
        if result.settled_next_night:
            if not night.red and waiting(night) == waiting(clean.night):
                problems.append("a green night left something undone and does not say so")
        else:
            if night.totals != clean.night.totals:
                problems.append(f"its books say {told_apart(night.totals, clean.night.totals)}")
            if next_night.writes != clean.next_night.writes:
                problems.append(f"the next night writes again: {dict(next_night.writes)}")
        return problems


def judge(clean: Clean, night: Night, next_night: Night, found: Found) -> list[str]:
    """What is wrong at the end of the second night, whatever happened in the first."""
    problems = [f"{one.kind}: {one.text}" for one in differences(clean.found_next, found)]
    taken, wanted = night.writes + next_night.writes, clean.night.writes + clean.next_night.writes
    if taken - wanted:
        problems.append(f"sent twice: {dict(taken - wanted)}")
    told = clean.night.told | clean.next_night.told
    problems += [f"never told: {' '.join(line)}" for line in sorted(told - night.told - next_night.told)]
    for name, one in (("struck", night), ("next", next_night)):
        if not one.balanced:
            problems.append(f"the {name} night has no balanced report: {'; '.join(one.failures[-3:])}")
        if one.mismatches:
            problems.append(f"the {name} night took {one.mismatches} writes for done that PowerSchool never had")
    return problems


def waiting(night: Night) -> Counter[str]:
    """What a night counts as held or failed."""
    return Counter({name: count for name, count in night.totals.items() if name.endswith((" held", " failed"))})


def told_apart(found: dict[str, int], wanted: dict[str, int]) -> str:
    """Where two books differ, in words."""
    names = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    return ", ".join(f"{name} {found.get(name, 0)} and not {wanted.get(name, 0)}" for name in names)


def chosen(places: list[Place], seed: int) -> Schedule:
    """The schedule of a seed."""
    choice = random.Random(seed)
    return Schedule(choice.choice(places).label, choice.choices(BLOWS, SHARES)[0])


def every(places: list[Place], named: Sequence[str]) -> Iterator[Schedule]:
    """Each place with each of the blows."""
    for place in places:
        for blow in named:
            yield Schedule(place.label, blow)


@contextmanager
def stages() -> Iterator[Stages]:
    """A world and its clean runs."""
    with StageWorld() as world:
        yield Stages(world)


def parser() -> argparse.ArgumentParser:
    """The command line of `python -m chaos stages`."""
    made = argparse.ArgumentParser(prog="python -m chaos stages", description=__doc__)
    made.add_argument("--seed", type=int, help="the schedule of this seed; with --count, the first of so many")
    made.add_argument("--count", type=int, default=1)
    made.add_argument("--place", help="one place by its label; --blow says what happens there")
    made.add_argument("--blow", choices=BLOWS, help="only this blow (default: by the seed, or all of them)")
    made.add_argument("--matching", default="", help="only places whose label holds this text")
    made.add_argument("--all", action="store_true", help="every place with every blow")
    made.add_argument("--places", action="store_true", help="only list the places")
    return made


def schedules(options: argparse.Namespace, places: list[Place]) -> list[Schedule]:
    """The schedules that the command line asks for."""
    named = (options.blow,) if options.blow else BLOWS
    meant = [place for place in places if options.matching in place.label]
    if options.place:
        return [Schedule(options.place, blow) for blow in named]
    if options.all:
        return list(every(meant, named))
    first = options.seed if options.seed is not None else random.randrange(1_000_000)
    return [chosen(meant, seed) for seed in range(first, first + options.count)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs schedules, prints how each failure is repeated and the counts; 0 where nothing failed."""
    options = parser().parse_args(arguments)
    with stages() as driver:
        if options.places:
            print(*(place.label for place in driver.places), sep="\n")
            return 0
        return campaign(driver.run, schedules(options, driver.places))


def campaign(run: Callable[[Schedule], Result], asked: Sequence[Schedule]) -> int:
    """Runs the schedules one after the other and prints what came of them."""
    begun, results = time.monotonic(), []
    for number, schedule in enumerate(asked, 1):
        result = run(schedule)
        results.append(result)
        if result.problems:
            print(f"FAILED {schedule.command}", *(f"  {text}" for text in result.problems), sep="\n", flush=True)
        if number % 20 == 0:
            print(f"{number} of {len(asked)} schedules", file=sys.stderr, flush=True)
    failed = [result for result in results if result.problems]
    blown = Counter(result.schedule.blow for result in results)
    print(
        f"{len(results)} schedules at {len({result.schedule.place for result in results})} places in "
        f"{time.monotonic() - begun:.0f} s ({', '.join(f'{count} {blow}' for blow, count in sorted(blown.items()))}); "
        f"{sum(result.deaths for result in results)} steps died and were run again, "
        f"{sum(result.settled_next_night for result in results)} ended with the next night; {len(failed)} failed"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
