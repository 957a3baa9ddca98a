"""Our own limit on requests to an API, over all processes together: so many may begin in any window, and no more."""

from __future__ import annotations

import time

import psycopg

from passback import stop
from passback.errors import Transient
from passback.powerschool.budget import LONGEST_PAUSE_SECONDS, SharedBudget

WINDOW_SECONDS = 5.0
# A request may leave a little after its grant: grants keep this distance more, so that the server's windows hold too.
SLACK_SECONDS = 0.2
SLICE_SECONDS = 0.25


class Throttle:
    """Grants of one API, kept in the district's database on a connection of their own."""

    def __init__(self, uri: str, api: str, requests: int, longest_wait: float) -> None:
        """At most `requests` begin in 5 s; a pause that lasts over `longest_wait` seconds is not waited for."""
        self._budget = SharedBudget(lambda: psycopg.connect(uri, autocommit=True), api=api)
        self._requests = requests
        self._longest_wait = longest_wait

    def take(self) -> None:
        """Waits until the next request may begin.

        Raises Transient where somebody was asked to wait for longer than we do, and StopRequested on a stop.
        """
        stop.checkpoint()
        row = self._budget.row(
            "budget_window_grant", requests=self._requests, window_seconds=WINDOW_SECONDS + SLACK_SECONDS
        )
        pause = float(row["pause_seconds"] or 0)
        if pause > self._longest_wait:
            raise Transient(
                f"The system asked all of us to wait, {pause:.0f} s from now: nothing more is asked. It is tried again "
                "later."
            )
        ends = time.monotonic() + float(row["wait_seconds"])
        while (left := ends - time.monotonic()) > 0:
            time.sleep(min(left, SLICE_SECONDS))
            stop.checkpoint()

    def pause(self, seconds: float) -> None:
        """Tells all processes that the system asked to wait so long."""
        self._budget.row("budget_pause", seconds=min(seconds, LONGEST_PAUSE_SECONDS))

    def close(self) -> None:
        """Gives the connection back."""
        self._budget.close()
