"""What the proxies tell of: the places that are passed, whose connection it is, and what is done there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Moment = Literal["before", "unheard", "after"]
System = Literal["commit", "write"]
MOMENTS: tuple[Moment, ...] = ("before", "unheard", "after")


@dataclass(frozen=True, slots=True)
class Place:
    """One moment of one write or COMMIT: the `number`-th `what` of its scope."""

    scope: str
    what: str
    number: int
    moment: Moment

    @property
    def label(self) -> str:
        """The place in words, as a command line names it."""
        return f"{f'{self.scope}: ' if self.scope else ''}{self.what} #{self.number} {self.moment}"

    @property
    def system(self) -> System:
        """`commit` or `write`."""
        return "commit" if self.what.startswith("commit") else "write"


class Peer:
    """One client's connection through a proxy."""

    def __init__(self, find_pid: Callable[[], int | None], close: Callable[[], None]) -> None:
        """`find_pid` is asked at most once, and only where somebody wants to know."""
        self._find_pid, self._close = find_pid, close
        self._pid: int | None = None
        self.is_cut = False

    @property
    def pid(self) -> int | None:
        """The client's process; None where it is gone already."""
        if self._pid is None:
            self._pid = self._find_pid()
        return self._pid

    def cut(self) -> None:
        """Breaks the connection in both directions; nothing more is forwarded."""
        self.is_cut = True
        self._close()


OnPlace = Callable[[Place, Peer], None]


class Passages:
    """What both proxies share: the places that were passed, the connections, and which system is down."""

    def __init__(self, on_place: OnPlace | None = None) -> None:
        """Without `on_place` it only observes."""
        self.on_place = on_place
        self.places: list[Place] = []
        self.peers: dict[System, set[Peer]] = {"commit": set(), "write": set()}
        self._refused: set[System] = set()
        self._scope = ""
        self._numbers: Counter[str] = Counter()

    @property
    def scope(self) -> str:
        """What the driver says is under way."""
        return self._scope

    @scope.setter
    def scope(self, scope: str) -> None:
        self._scope = scope
        self._numbers.clear()

    def is_refused(self, system: System) -> bool:
        """Whether the system is down for its clients."""
        return system in self._refused

    def number(self, what: str) -> tuple[str, int]:
        """The scope and the next number of a write or COMMIT; its three places share them."""
        self._numbers[what] += 1
        return self._scope, self._numbers[what]

    def pass_by(self, place: Place, peer: Peer) -> bool:
        """Tells the place; whether the connection is still there afterwards."""
        if peer.is_cut:
            return False
        self.places.append(place)
        if self.on_place is not None:
            self.on_place(place, peer)
        return not peer.is_cut
