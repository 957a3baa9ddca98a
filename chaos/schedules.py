"""What a seed means: from which state the night starts, who is struck, and at which place or instant."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos.places import Place

VICTIMS = (
    "task",
    "task and its supervisor",
    "scheduler",
    "scheduler and its tasks",
    "api-server",
    "database",
    "database session",
    "all connections to the database",
    "connection to PowerSchool",
    "PowerSchool for 3 s",
)
NOBODY = "nobody"
WAYS = ("write", "commit", "instant")


@dataclass(frozen=True)
class Blow:
    """One strike: at a place, or `share` of an undisturbed night's length after its start."""

    victim: str
    place: str = ""
    share: float = 0.0

    @property
    def way(self) -> str:
        """`write`, `commit` or `instant`."""
        return "instant" if not self.place else self.place.partition(" ")[0]

    @property
    def when(self) -> str:
        """In words."""
        return self.place or f"at {self.share:.0%} of the night"


@dataclass(frozen=True)
class Schedule:
    """A night and what strikes it; the same seed is the same schedule, as long as the code sends the same writes."""

    seed: int
    state: str
    blows: tuple[Blow, ...]

    @property
    def words(self) -> str:
        """In words."""
        struck = "; ".join(f"{blow.victim}, {blow.when}" for blow in self.blows)
        return f"{self.state}: {struck or 'nobody is struck'}"


def label(place: Place) -> str:
    """A place without the driver's scope."""
    return f"{place.what} #{place.number} {place.moment}"


def drawn(seed: int, places: Mapping[str, Sequence[Place]]) -> Schedule:
    """The schedule of a seed; `places` are those that a clean night of each start state passes, in order.

    One of five is struck twice: while it recovers, anybody is struck again.
    """
    dice = random.Random(f"airflow {seed}")
    state = dice.choice(sorted(places))
    way = dice.choice(WAYS)
    victim = dice.choice(VICTIMS)
    there = sorted({label(place) for place in places[state] if place.system == way})
    first = Blow(victim, dice.choice(there)) if there else Blow(victim, share=round(dice.uniform(0.02, 1.0), 3))
    second = Blow(dice.choice(VICTIMS), share=round(dice.uniform(0.6, 2.0), 3))
    return Schedule(seed, state, (first, second) if dice.random() < 0.2 else (first,))
