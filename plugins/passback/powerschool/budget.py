"""One budget of requests for all processes, in PostgreSQL: PowerSchool and Schoology count by plugin, not by process.

Requests in flight are N advisory locks, taken on the caller's own connection for a whole unit of work: PostgreSQL frees
them itself when a process dies. The plugin's minimum interval is a row that every request moves on; the state of the
circuit breaker stands in the same row and comes along with every slot.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import psycopg
from psycopg.pq import TransactionStatus

from passback import stop
from passback.database import Connection, one
from passback.errors import Transient
from passback.powerschool.breaker import OwnState, SharedState, Standing, State

LONGEST_PAUSE_SECONDS = 900.0
FIRST_POLL_SECONDS = 0.005
LONGEST_POLL_SECONDS = 0.05


class Budget(Protocol):
    """What the client asks before every request; `breaker` keeps the state of its circuit breaker."""

    @property
    def breaker(self) -> State:
        """The state of the API's circuit breaker."""

    async def grant(self) -> float:
        """Takes the next turn, and returns the seconds to wait for it."""

    async def throttled(self, seconds: float) -> None:
        """PowerSchool asked all of us to wait so long."""


class NoBudget:
    """For tools and tests that are alone with PowerSchool: everything at once."""

    def __init__(self) -> None:
        """A breaker of its own."""
        self.breaker: State = OwnState()

    async def grant(self) -> float:
        """No wait."""
        return 0.0

    async def throttled(self, seconds: float) -> None:
        """Nobody else to tell."""


class SharedBudget:
    """Slots and interval of one API, shared by all processes on the district's database; threads may share it."""

    def __init__(
        self, connect: Callable[[], Connection], api: str = "powerschool", in_flight: int = 8, min_interval_ms: int = 0
    ) -> None:
        """`connect` opens a connection of the budget's own, on first need; 0 ms: no interval is kept."""
        self._connect = connect
        self._api = api
        self._in_flight = in_flight
        self._interval_seconds = min_interval_ms / 1000
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self.breaker: State = SharedState(self.row)

    async def grant(self) -> float:
        """Moves the API's next moment on by the interval, where one is set; seconds until our own moment."""
        if not self._interval_seconds:
            return 0.0
        row = await asyncio.to_thread(self.row, "budget_grant", interval_seconds=self._interval_seconds)
        return max(0.0, float(row["wait_seconds"]))

    async def throttled(self, seconds: float) -> None:
        """Writes down the pause: others see it when they take their next slot or turn."""
        await asyncio.to_thread(self.row, "budget_pause", seconds=min(seconds, LONGEST_PAUSE_SECONDS))

    def try_slot(self, connection: Connection) -> tuple[int | None, float]:
        """A free slot, or None and the seconds that a pause still lasts (0: all slots are taken)."""
        start = random.randrange(self._in_flight)  # noqa: S311 (spreads the first tries; no secret)
        row = _on(connection, "budget_take_slot", api=self._api, slots=self._in_flight, start=start)
        self.breaker.standing = Standing(row["failures"], row["is_open"])
        return row["slot"], float(row["pause_seconds"])

    async def take_slot(self, connection: Connection) -> int:
        """Waits for a slot; it is held by the connection's session until it is freed. Raises Stopped."""
        poll = FIRST_POLL_SECONDS
        while True:
            if stop.requested():
                raise stop.Stopped
            slot, pause = self.try_slot(connection)
            if slot is not None:
                return slot
            await asyncio.sleep(min(pause, 0.25) if pause > 0 else poll * random.uniform(0.5, 1.0))  # noqa: S311
            poll = min(poll * 2, LONGEST_POLL_SECONDS)

    def free_slot(self, connection: Connection, slot: int) -> None:
        """Gives a slot back."""
        _on(connection, "budget_free_slot", api=self._api, slot=slot)

    @asynccontextmanager
    async def slot(self, connection: Connection) -> AsyncIterator[int]:
        """A slot for a unit of work, freed at its end; a broken connection has freed it already."""
        number = await self.take_slot(connection)
        try:
            yield number
        finally:
            if connection.info.transaction_status == TransactionStatus.INERROR:
                connection.rollback()  # a failed transaction would refuse the statement, and the slot would stay taken
            if not connection.closed:
                self.free_slot(connection, number)

    def close(self) -> None:
        """Closes the budget's own connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def row(self, name: str, **parameters: float | None) -> dict[str, Any]:
        """The row of a statement on the API's own row, once more on a new connection where the kept one broke."""
        try:
            return self._committed(name, **parameters)
        except psycopg.OperationalError:
            self.close()
        try:
            return self._committed(name, **parameters)
        except psycopg.OperationalError as error:
            problem = f"The budget of requests to {self._api} cannot be read ({type(error).__name__})"
            raise Transient(f"{problem}: check that the district's database runs.") from None

    def _committed(self, name: str, **parameters: float | None) -> dict[str, Any]:
        with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
                self._connection.autocommit = True
            return one(self._connection, name, api=self._api, **parameters)


def _on(connection: Connection, name: str, **parameters: object) -> dict[str, Any]:
    """One statement's row; a connection that was outside a transaction is left outside of one."""
    outside = connection.info.transaction_status == TransactionStatus.IDLE
    row = one(connection, name, **parameters)
    if outside and not connection.autocommit:
        connection.commit()
    return row
