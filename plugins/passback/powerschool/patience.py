"""How long one call may take, when it may be repeated, and whose turn it is to ask (docs/wire-faults.md)."""

from __future__ import annotations

import asyncio
import random
import time

from passback import stop
from passback.powerschool.answers import Answer
from passback.powerschool.breaker import State
from passback.powerschool.budget import LONGEST_PAUSE_SECONDS, Budget
from passback.powerschool.exchange import Requests
from passback.stop import Stopped

FIRST_THROTTLE_SECONDS = 1.0
FIRST_RETRY_SECONDS = 0.25
LONGEST_BACK_OFF_SECONDS = 15.0
SHORTEST_WAIT_SECONDS = 0.05
STOP_POLL_SECONDS = 0.25


class Patience:
    """One call's time: all its waits and repeats together end within `limit_seconds`."""

    def __init__(self, limit_seconds: float) -> None:
        """The time runs from now."""
        self._ends_at = time.monotonic() + limit_seconds
        self.attempts = 0
        self._throttled = 0
        self._failed = 0
        self._once: set[str] = set()

    @property
    def left(self) -> float:
        """Seconds that remain; 0 or less when the time is up."""
        return self._ends_at - time.monotonic()

    def shorten(self, seconds: float) -> None:
        """The call ends within so many seconds from now, if not before."""
        self._ends_at = min(self._ends_at, time.monotonic() + seconds)

    def wait_before_repeat(self, answer: Answer) -> float | None:
        """Seconds to wait before the call is repeated; None where no repeat helps or none fits into the time left."""
        wait = self._wanted_wait(answer)
        return wait if wait is not None and wait < self.left else None

    def _wanted_wait(self, answer: Answer) -> float | None:
        if answer.retry == "throttle":
            self._throttled += 1
            if answer.wait_seconds is None:
                return _back_off(FIRST_THROTTLE_SECONDS, self._throttled)
            return max(answer.wait_seconds, SHORTEST_WAIT_SECONDS) + random.uniform(0, SHORTEST_WAIT_SECONDS)  # noqa: S311
        if answer.retry == "later" and not answer.lost:
            self._failed += 1
            return _back_off(FIRST_RETRY_SECONDS, self._failed)
        if answer.retry in {"token", "resubmit"} and answer.retry not in self._once:
            self._once.add(answer.retry)
            return 0.0
        return None


def _back_off(first_seconds: float, times: int) -> float:
    """Doubles from the first wait up to a longest, give or take a quarter."""
    wait = min(first_seconds * 2.0 ** min(times - 1, 10), LONGEST_BACK_OFF_SECONDS)
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 (no secret hangs on it)


class Turns:
    """Lets a request begin: no stop is requested, no pause is running, and the budget of all processes grants it."""

    def __init__(self, budget: Budget, requests: Requests) -> None:
        """Counts repeats and throttles in `requests`."""
        self._budget = budget
        self._requests = requests
        self._paused_until = 0.0

    @property
    def breaker(self) -> State:
        """The state of the budget's circuit breaker."""
        return self._budget.breaker

    async def take(self, patience: Patience) -> bool:
        """Waits for the turn; False where the wait would outlast the call's time. Raises Stopped on a stop."""
        if stop.requested():
            raise Stopped
        wait = await self._budget.grant()
        if wait > 0 and not await self._wait(wait, patience):
            return False
        while (pause := self._paused_until - time.monotonic()) > 0:
            # Those who waited together do not all start in the same instant.
            if not await self._wait(pause + random.uniform(0, SHORTEST_WAIT_SECONDS), patience):  # noqa: S311
                return False
        return True

    async def wait_to_repeat(self, answer: Answer, patience: Patience) -> bool:
        """Waits before a repeat that may help, counts it, tells others of a pause; False where no repeat helps."""
        wait = patience.wait_before_repeat(answer)
        if answer.retry == "throttle":
            self._requests.throttled += 1
            if answer.wait_seconds is not None:
                await self._pause(answer.wait_seconds)
        if wait is None:
            return False
        if answer.retry != "throttle":
            self._requests.retried += 1
        await self.sleep(wait)
        return True

    async def _pause(self, seconds: float) -> None:
        """PowerSchool asked to wait: nobody begins a request before that, in this process or another."""
        self._paused_until = max(self._paused_until, time.monotonic() + min(seconds, LONGEST_PAUSE_SECONDS))
        await self._budget.throttled(seconds)

    async def sleep(self, seconds: float) -> None:
        """Waits in short slices, so that a stop is noticed. Raises Stopped."""
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0:
            await asyncio.sleep(min(left, STOP_POLL_SECONDS))
            if stop.requested():
                raise Stopped

    async def _wait(self, seconds: float, patience: Patience) -> bool:
        if seconds >= patience.left:
            return False
        await self.sleep(seconds)
        return True
