"""The circuit breaker of an API: one state for all processes, kept beside their budget of requests.

While it is closed nothing is written and nothing is asked of the database: its state comes along with every slot. Calls
in a row that ended without the API open it; then one call at a time may go as a probe, and any answer closes it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from passback.errors import Transient

log = logging.getLogger(__name__)

BREAKER_CALLS = 5
OPEN_SECONDS = 5.0
LONGEST_OPEN_SECONDS = 30.0
# A probe is a call like any other, with less patience; its turn outlasts it by a little.
PROBE_SECONDS = 30.0
LEASE_MARGIN_SECONDS = 5.0
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Standing:
    """What the breaker's state says: `probe` is the number of the probe that was granted, None where none was.

    `wait_seconds`: until the next probe may go; 0 where that hangs on the one that is under way.
    """

    failures: int = 0
    is_open: bool = False
    probe: int | None = None
    wait_seconds: float = 0.0


class State(Protocol):
    """Where the breaker's state is kept; `standing` is what was last seen of it."""

    standing: Standing

    async def ask(self, lease_seconds: float) -> Standing:
        """Looks at the state; grants the probe for so long where the breaker is open and its moment has come."""

    async def failed(self, probe: int | None) -> None:
        """A call ended without the API."""

    async def answered(self) -> None:
        """The API has answered a call."""

    def give_back(self, probe: int) -> None:
        """A probe has asked nothing: another may go."""


class SharedState:
    """The state of all processes, in the district's database; `row` runs a statement on the API's row."""

    def __init__(self, row: Callable[..., dict[str, Any]]) -> None:
        """Closed, as far as is known."""
        self._row = row
        self.standing = Standing()

    async def ask(self, lease_seconds: float) -> Standing:
        """See `State`; raises Transient where the database is away."""
        found = await asyncio.to_thread(self._row, "budget_probe", lease_seconds=lease_seconds)
        self.standing = Standing(**found)
        return self.standing

    async def failed(self, probe: int | None) -> None:
        """See `State`; raises Transient where the database is away."""
        limits = {"calls": BREAKER_CALLS, "open_seconds": OPEN_SECONDS, "longest_seconds": LONGEST_OPEN_SECONDS}
        found = await asyncio.to_thread(self._row, "budget_call_failed", probe=probe, **limits)
        self.standing = Standing(**found)

    async def answered(self) -> None:
        """See `State`; raises Transient where the database is away."""
        await asyncio.to_thread(self._row, "budget_call_answered")
        self.standing = Standing()

    def give_back(self, probe: int) -> None:
        """See `State`; raises Transient where the database is away."""
        self._row("budget_probe_returned", probe=probe)


class OwnState:
    """The same for one client that is alone with the API: in memory."""

    def __init__(self) -> None:
        """Closed at first."""
        self.standing = Standing()
        self._open_until = self._probe_until = 0.0
        self._probe = 0

    async def ask(self, lease_seconds: float) -> Standing:
        """See `State`."""
        now, probe = time.monotonic(), None
        if self.standing.is_open and max(self._open_until, self._probe_until) <= now:
            self._probe += 1
            probe, self._probe_until = self._probe, now + lease_seconds
        return replace(self.standing, probe=probe, wait_seconds=max(0.0, self._open_until - now))

    async def failed(self, probe: int | None) -> None:
        """See `State`."""
        if self.standing.is_open and probe != self._probe:
            return
        failures = self.standing.failures + 1
        if failures >= BREAKER_CALLS:
            seconds = min(OPEN_SECONDS * 2.0 ** min(failures - BREAKER_CALLS, 16), LONGEST_OPEN_SECONDS)
            self._open_until, self._probe_until = time.monotonic() + seconds, 0.0
        self.standing = Standing(failures, is_open=failures >= BREAKER_CALLS)

    async def answered(self) -> None:
        """See `State`."""
        self.standing = Standing()
        self._probe_until = 0.0

    def give_back(self, probe: int) -> None:
        """See `State`."""
        if probe == self._probe:
            self._probe_until = 0.0


class Breaker:
    """One client's way through the breaker: who may ask, and what its calls' ends say."""

    def __init__(self, state: State, sleep: Callable[[float], Awaitable[None]]) -> None:
        """`sleep` waits, and raises where the process is to stop."""
        self._state = state
        self._sleep = sleep
        self._waited_in_vain = False

    async def admit(self, seconds: float) -> int | None:
        """Lets a call of so many `seconds` begin: 0 as any call, else the number of the probe that it is; None: not.

        While the breaker is open a call waits for its moment, or for the end of another's probe. Once a client has
        waited in vain, its calls end at once until a probe is answered: a run that PowerSchool has left ends soon.
        """
        if not self._state.standing.is_open:
            self._waited_in_vain = False
            return 0
        ends_at = time.monotonic() + seconds
        while True:
            left = ends_at - time.monotonic()
            standing = await self._state.ask(min(left, PROBE_SECONDS) + LEASE_MARGIN_SECONDS)
            if not standing.is_open:
                self._waited_in_vain = False
                return 0
            if standing.probe is not None:
                return standing.probe
            if self._waited_in_vain or standing.wait_seconds >= left:
                self._waited_in_vain = True
                return None
            await self._sleep(min(standing.wait_seconds or POLL_SECONDS, POLL_SECONDS))

    async def answered(self) -> None:
        """A call was answered: only the first one after failures is written down."""
        before = self._state.standing
        if before.failures or before.is_open:
            await _kept(self._state.answered())
        if before.is_open:
            log.info("PowerSchool answers again.")

    async def failed(self, probe: int) -> None:
        """A call ended without PowerSchool."""
        before = self._state.standing
        await _kept(self._state.failed(probe or None))
        if self._state.standing.is_open and not before.is_open:
            log.warning(
                "PowerSchool did not answer %s calls in a row: nothing more is asked but a probe now and then",
                self._state.standing.failures,
            )

    def give_back(self, probe: int) -> None:
        """The call has asked nothing after all: where it was the probe, another may go."""
        if probe:
            try:
                self._state.give_back(probe)
            except Transient as error:
                log.warning("%s", error)


async def _kept(writing: Awaitable[None]) -> None:
    """An answer must not be lost because its mark could not be written: the delivery's own statements tell of that."""
    try:
        await writing
    except Transient as error:
        log.warning("The state of the breaker was not kept: %s", error)
