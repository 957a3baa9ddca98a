"""What the sources' clients have in common: a call is repeated with patience, every answer is judged the same way."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec
import requests
import urllib3.exceptions

from passback.errors import Terminal, Transient
from passback.hooks import bodies, trust
from passback.hooks.bodies import Answer
from passback.sources.json_text import UNREADABLE, readable

log = logging.getLogger(__name__)

# All waits and repeats of one call together stay under this; one attempt waits at most `ATTEMPT` for a whole answer.
PATIENCE_SECONDS = 60.0
CONNECT_SECONDS = 10.0
ATTEMPT_SECONDS = 30.0
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
# A body that is no JSON may be a torn answer: it is asked for again so often, and no more.
TORN_ANSWERS = 3

T = TypeVar("T")


@dataclass(slots=True)
class RequestCounts:
    """HTTP requests so far: all of them, repeats after an error, and answers that asked to wait."""

    total: int = 0
    retried: int = 0
    throttled: int = 0


@dataclass(frozen=True, slots=True)
class System:
    """Who is asked, and what a message says: `look`, where a person must look; `later`, where time may help."""

    name: str
    look: str
    later: str


class Unanswered(Transient):
    """No good answer in all attempts; `status` is the last one's, None where there was no answer at all."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class WebPage(Transient):
    """A page for people stood where data should be: maintenance, or a log-in page."""


class Refused(Terminal):
    """The system says no with a status that no repeat changes."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotJson(Terminal):
    """A good status, and a body that is torn every time."""


class TooLarge(NotJson):
    """A body that no page is as large as: it is not read to its end, and not asked for again."""


class AgainError(Exception):
    """This attempt failed in a way that may pass; `wait` is what the server asked for, in seconds."""

    def __init__(self, why: str, wait: float | None = None, *, status: int | None = None, torn: bool = False) -> None:
        super().__init__(why)
        self.wait = wait
        self.status = status
        self.torn = torn


@dataclass(slots=True)
class Patience:
    """Repeats one call until it is answered, refused, or `seconds` are over.

    `turn` waits for the turn to begin an attempt, and that time is not the call's.
    """

    system: System
    counts: RequestCounts
    seconds: float
    first_backoff: float
    turn: Callable[[], None] = lambda: None

    def call(self, where: str, attempt: Callable[[float], T]) -> T:
        """What `attempt` gives, which is told the seconds left; raises what it raises, else Unanswered or NotJson."""
        ends = time.monotonic() + self.seconds
        tries = failed = torn = asked = 0
        while True:
            began = time.monotonic()
            self.turn()
            ends += time.monotonic() - began
            tries += 1
            self.counts.total += 1
            self.counts.retried += tries > 1
            try:
                return attempt(max(ends - time.monotonic(), 1.0))
            except AgainError as again:
                torn += again.torn
                # A server that asks for time has not failed: the next wait of ours is no longer for it. One that asks
                # for no time at all, again and again, is not taken at its word.
                failed += again.wait is None
                asked += again.wait is not None
                wait = self._backoff(max(failed, 1)) if again.wait is None else again.wait
                if asked > 1:
                    wait = max(wait, self._backoff(asked - 1))
                if torn >= TORN_ANSWERS:
                    raise NotJson(f"{where} is not JSON, {torn} times over ({again}). {self.system.look}") from None
                if time.monotonic() + wait >= ends:
                    raise Unanswered(
                        f"{where} cannot be read: {again}, after {tries} attempts. {self.system.later}", again.status
                    ) from None
                log.warning("%s: %s; trying again in %.1f s", where, again, wait)
                time.sleep(wait)

    def _backoff(self, failed: int) -> float:
        """Doubled each time, with up to half as much again so that clients do not march in step."""
        return min(self.first_backoff * 2.0 ** (failed - 1), LONGEST_BACKOFF_SECONDS) * random.uniform(1, 1.5)  # noqa: S311


def answered(system: System, where: str, send: Callable[[], requests.Response]) -> Answer:
    """The whole answer to what `send` asks with `stream=True`.

    Raises Terminal for an address or certificate that is wrong and for what is too large, AgainError for an outage.
    """
    try:
        return bodies.whole(send())
    except bodies.TooLargeError:
        raise TooLarge(
            f"{where} is larger than {bodies.LARGEST_BODY >> 20} MB: not read to its end. {system.look}"
        ) from None
    except bodies.PackedError as error:
        raise AgainError(f"the answer cannot be unpacked ({error})", torn=True) from None
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError) as error:
        if why := trust.refusal(error):
            raise Terminal(f"{where}: {system.name} is not trusted: {why}. {trust.ADVICE} {system.look}") from None
        raise AgainError("the TLS connection failed") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
        raise Terminal(f"{where}: the address is not valid ({type(error).__name__}). {system.look}") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise AgainError(_outage(error)) from None


def body_of(system: System, where: str, answer: Answer, counts: RequestCounts) -> bytes:
    """The JSON object of a good answer, mended where it can be; every other one as the exception that it deserves."""
    status, html = answer.status_code, is_web_page(answer)
    if asks_to_wait(answer):
        counts.throttled += 1
        wait = retry_after(answer)
        raise AgainError(f"{system.name} asks to wait ({status})", wait, status=status)
    if status >= 500:
        raise AgainError(f"{system.name} answers {status}{' with a web page' if html else ''}", status=status)
    if html:
        raise WebPage(
            f"{where} is a web page (status {status}), not data: maintenance, or a log-in page. {system.look}"
        )
    if status != 200:
        raise Refused(f"{where}: {system.name} answers {status}{_said(answer)}. {system.look}", status)
    if answer.content.count(b",") > bodies.MOST_VALUES:
        raise TooLarge(f"{where} holds more values than a page can. {system.look}")
    body = answer.content.strip()
    found = readable(body) if body.startswith(b"{") else None
    if found is None:
        raise AgainError("the answer is not JSON", torn=True)
    return found


def is_web_page(answer: Answer) -> bool:
    """Whether it is a page for people."""
    return "html" in answer.headers.get("Content-Type", "").lower()


def asks_to_wait(answer: Answer) -> bool:
    """Whether the server wants fewer requests, or fewer now."""
    return answer.status_code == 429 or (answer.status_code == 503 and "Retry-After" in answer.headers)


def retry_after(answer: Answer) -> float | None:
    """The seconds that a Retry-After header asks for (a number or an HTTP date), or None.

    A date is one of the server's clock, and is held against that where the answer tells it.
    """
    given = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,30}(\.[0-9]{1,30})?", given):
        return max(float(given), 0.01)
    until = http_date(given)
    if until is None:
        return None
    return max((until - (http_date(answer.headers.get("Date", "")) or datetime.now(UTC))).total_seconds(), 0.01)


def http_date(given: str) -> datetime | None:
    """The moment that a header names; None where it is none, or one that no clock shows."""
    try:
        at = parsedate_to_datetime(given)
        return at.astimezone(UTC) if at.tzinfo is not None and 2000 <= at.year < 2200 else None
    except (ValueError, TypeError, OverflowError):
        return None


def _outage(error: Exception) -> str:
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
        return "no whole answer in time"
    return "the connection failed" if isinstance(error, requests.ConnectionError) else "the answer broke off"


def _said(answer: Answer) -> str:
    """What the system gives as the `error` of a refusal, short, or ''."""
    try:
        said = msgspec.json.decode(answer.content, type=dict[str, Any]).get("error")
    except UNREADABLE:
        return ""
    return f" ({said[:120]})" if isinstance(said, str) and said else ""
