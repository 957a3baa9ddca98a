"""A request to stop, seen by everything in the process that must end between two requests and not in one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from passback.errors import Terminal, Transient

_requested = threading.Event()


class StopRequested(Terminal):
    """The process was asked to stop, and did so between two requests; whatever was sent is on record."""


class Stopped(Transient):
    """A stop was requested while PowerSchool was asked: no new request begins, and what was under way has ended."""

    def __init__(self, message: str = "The run was asked to stop.", code: str = "") -> None:
        """No code of the catalogue stands for a stop."""
        super().__init__(message, code)


def request() -> None:
    """Ask everything in this process to stop; safe in a signal handler and in any thread."""
    _requested.set()


def requested() -> bool:
    """Whether this process was asked to stop."""
    return _requested.is_set()


def forget() -> None:
    """Take the request back, for the next night of a process that goes on."""
    _requested.clear()


def checkpoint() -> None:
    """Raise `StopRequested` where a stop was requested: to be called before each request and between two chunks."""
    if requested():
        raise StopRequested("asked to stop: nothing more was sent; what was sent is on record")


@contextmanager
def on_signals(*signals: signal.Signals) -> Iterator[None]:
    """Let TERM and INT (or the given signals) request a stop for the length of the block, as a task needs it.

    Outside the main thread it changes nothing, since Python handles signals there only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        request()

    before = {number: signal.signal(number, handle) for number in signals or (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
