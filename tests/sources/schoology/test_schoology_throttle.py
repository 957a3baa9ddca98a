"""Our own limit on requests: so many may begin in any five seconds, over all processes together."""

import threading
import time

import pytest

from passback import stop
from passback.errors import Transient
from passback.hooks.throttle import Throttle


def moments(uri: str, processes: int, each: int, requests: int) -> list[float]:
    """When requests began that several throttles granted at once."""
    began: list[float] = []

    def ask() -> None:
        throttle = Throttle(uri, "schoology", requests, 60)
        for _ in range(each):
            throttle.take()
            began.append(time.monotonic())
        throttle.close()

    threads = [threading.Thread(target=ask) for _ in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(began)


def test_no_more_than_the_limit_begin_in_any_five_seconds(database_uri: str) -> None:
    began = moments(database_uri, processes=2, each=4, requests=4)
    assert began[3] - began[0] < 2
    assert all(later - sooner >= 5 for sooner, later in zip(began, began[4:], strict=False))
    assert began[-1] - began[0] < 8


def test_a_pause_holds_everybody(database_uri: str) -> None:
    Throttle(database_uri, "schoology", 4, 60).pause(1)
    started = time.monotonic()
    moments(database_uri, processes=1, each=1, requests=4)
    assert time.monotonic() - started >= 0.9


def test_a_pause_that_is_too_long_is_not_waited_for(database_uri: str) -> None:
    throttle = Throttle(database_uri, "schoology", 4, 10)
    throttle.pause(60)
    with pytest.raises(Transient, match="asked all of us to wait"):
        throttle.take()


def test_a_stop_ends_the_wait(database_uri: str) -> None:
    throttle = Throttle(database_uri, "schoology", 1, 60)
    throttle.take()
    timer = threading.Timer(0.3, stop.request)
    timer.start()
    started = time.monotonic()
    try:
        with pytest.raises(stop.StopRequested):
            throttle.take()
    finally:
        timer.join()
        stop.forget()
    assert time.monotonic() - started < 2
