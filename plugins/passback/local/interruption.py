"""TERM and INT end a night between two requests, whatever handlers Airflow puts in their place.

`airflow dags test` swallows TERM: each task it runs installs a handler of its own. So both signals are blocked in every
thread and a thread of ours waits for them and requests the stop. The task under way then ends before its next request,
those that would send fail at once, and the books are still closed and reported. Nothing is waited for any more: a retry
is given up, and what else only waits (for another night to end) is interrupted.
"""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from passback import stop

SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})
IDLE_SECONDS = 2.0
GRACE_SECONDS = 90.0


class NightStopped(BaseException):
    """The night was asked to end; no `Exception`, so that nothing on the way takes it for a task's failure."""


class Interruption:
    """Waits for TERM and INT on behalf of the main thread, which makes it before any other thread is started."""

    def __init__(self, announce: Callable[[signal.Signals], None]) -> None:
        """From now on TERM and INT come to this object; `announce` is called once, from another thread."""
        self.number: signal.Signals | None = None
        self.give_up_retries: Callable[[], bool] = lambda: False
        self._announce = announce
        self._armed = True
        self._in_task = False
        self._idle_since = 0.0
        self._main = threading.main_thread().ident or 0
        signal.signal(signal.SIGUSR1, self._interrupt)
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        threading.Thread(target=self._wait, name="interruption", daemon=True).start()

    def task_begins(self) -> None:
        """A task is under way in the main thread: it is given the time to end before its next request."""
        self._in_task = True

    def task_ended(self) -> None:
        """No task is under way; the next may begin at once."""
        self._in_task, self._idle_since = False, time.monotonic()

    def disarm(self) -> None:
        """Let the main thread do its last work undisturbed."""
        self._armed = False

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            raise NightStopped

    def _wait(self) -> None:
        self.number = signal.Signals(signal.sigwait(SIGNALS))
        stop.request()
        self._announce(self.number)
        threading.Thread(target=self._press, name="interruption-press", daemon=True).start()
        signal.sigwait(SIGNALS)  # asked twice: do not wait for the task
        self._in_task, self._idle_since = False, 0.0

    def _press(self) -> None:
        """Interrupt the main thread once it only waits; again and again, since a task's start may swallow it."""
        deadline = time.monotonic() + GRACE_SECONDS
        while self._armed:
            waits = not self._in_task and time.monotonic() > self._idle_since + IDLE_SECONDS
            if waits and self.give_up_retries():
                self.task_ended()  # what follows the given-up task may begin now
            elif waits or time.monotonic() > deadline:
                signal.pthread_kill(self._main, signal.SIGUSR1)
            time.sleep(0.2)
