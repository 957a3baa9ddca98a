"""A client of Schoology that signs every attempt anew by two-legged OAuth 1.0a, and only reads."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit
from xml.sax.saxutils import escape

import requests
from requests_oauthlib import OAuth1

from passback.errors import Terminal
from passback.hooks import bodies
from passback.hooks.bodies import Answer
from passback.hooks.patience import (
    ATTEMPT_SECONDS,
    CONNECT_SECONDS,
    FIRST_BACKOFF_SECONDS,
    PATIENCE_SECONDS,
    AgainError,
    Patience,
    Refused,
    RequestCounts,
    System,
    answered,
    asks_to_wait,
    body_of,
    http_date,
    retry_after,
)
from passback.hooks.throttle import WINDOW_SECONDS, Throttle

CONNECTION_ID = "schoology"
SIGNATURE_METHODS = ("HMAC-SHA1", "PLAINTEXT")
# The paths that one multi-get may ask for, by Schoology's documentation.
MOST_PATHS = 50
# A multi-get does the work of fifty requests.
MULTIGET_SECONDS = 120.0
MOST_REDIRECTS = 5
SCHOOLOGY = System(
    "Schoology",
    f"Check host, port and schema of the connection `{CONNECTION_ID}`.",
    "What was read before it is kept; it is tried again later.",
)
_REPLAYED = "duplicate timestamp/nonce"
_GET_MOVES = frozenset({301, 302, 303, 307, 308})
_POST_MOVES = frozenset({307, 308})

# At level DEBUG these two write signatures, and with PLAINTEXT the secret itself, into the log.
for _name in ("oauthlib", "requests_oauthlib"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer: its body, a JSON object, and the server's clock where it tells it."""

    body: bytes
    at: datetime | None


@dataclass(frozen=True, slots=True)
class _Ask:
    """One call, the same in all its attempts but for its signature."""

    method: str
    target: str
    seconds: float
    body: bytes | None = None

    @property
    def headers(self) -> dict[str, str]:
        """A form's type would draw the body into the signature: XML stays outside of it (RFC 5849 §3.4.1.3)."""
        return {"Accept": "application/json"} | ({"Content-Type": "text/xml"} if self.body is not None else {})


@dataclass(slots=True)
class SchoologyClient:
    """GET and multi-get with repeats; throttling is waited for, and every request takes its turn in the `throttle`."""

    base_url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    signature_method: str = "HMAC-SHA1"
    counts: RequestCounts = field(default_factory=RequestCounts)
    throttle: Throttle | None = None
    patience: float = field(default_factory=lambda: PATIENCE_SECONDS)
    session: requests.Session = field(default_factory=bodies.session, repr=False)

    def get(self, where: str, target: str, patience: float | None = None) -> Reply:
        """The answer to `GET target`, a path from `/v1/…` on with its query; `where` is for messages.

        Raises Terminal (Refused, NotJson; AUTH_FAILED) where repeating is useless, Transient (Unanswered, WebPage)
        where time may help.
        """
        return self._call(f"Schoology: {where}", _Ask("GET", target, ATTEMPT_SECONDS), patience)

    def multiget(self, paths: Sequence[str]) -> Reply:
        """The answer to one multi-get of at most `MOST_PATHS` paths; raises as `get` does."""
        asked = "".join(f"<request>{escape(path)}</request>" for path in paths)
        body = f"<requests>{asked}</requests>".encode()
        return self._call(
            f"Schoology: a multi-get of {len(paths)} paths", _Ask("POST", "/v1/multiget", MULTIGET_SECONDS, body), None
        )

    def own_target(self, where: str, link: str) -> str:
        """The path and query of a link that Schoology gave; raises Terminal where it leads to another server."""
        try:
            to, own = urlsplit(urljoin(self.base_url, link)), urlsplit(self.base_url)
            elsewhere = to.hostname != own.hostname or (to.port is not None and to.port != own.port)
        except ValueError:
            elsewhere = True
        if elsewhere or not to.path.startswith("/v1/"):
            raise Terminal(
                f"Schoology: {where} leads to another server or out of its API: not followed. {SCHOOLOGY.look}"
            )
        return f"{to.path}?{to.query}" if to.query else to.path

    def close(self) -> None:
        """Gives the connections back."""
        self.session.close()

    def _call(self, where: str, ask: _Ask, patience: float | None) -> Reply:
        seconds = self.patience if patience is None else min(patience, self.patience)
        waiting = Patience(SCHOOLOGY, self.counts, seconds, FIRST_BACKOFF_SECONDS, self._turn)
        return waiting.call(where, lambda left: self._attempt(where, ask, left))

    def _turn(self) -> None:
        if self.throttle is not None:
            self.throttle.take()

    def _attempt(self, where: str, ask: _Ask, left: float) -> Reply:
        answer = self._followed(where, ask, left)
        if asks_to_wait(answer):
            self._pause_all(where, answer)
        elif answer.status_code == 401:
            raise self._unauthorised(where, answer)
        elif answer.status_code in (403, 404):
            raise Refused(f"{where}: Schoology answers {answer.status_code}.", answer.status_code)
        return Reply(body_of(SCHOOLOGY, where, answer, self.counts), http_date(answer.headers.get("Date", "")))

    def _followed(self, where: str, ask: _Ask, left: float) -> Answer:
        """The answer at the end of its redirects: each hop is on the same server, and signed anew."""
        target, moves = ask.target, _GET_MOVES if ask.method == "GET" else _POST_MOVES
        ends = time.monotonic() + left
        for _ in range(MOST_REDIRECTS):
            answer = answered(SCHOOLOGY, where, self._sending(ask, target, max(ends - time.monotonic(), 1.0)))
            if answer.status_code not in moves:
                return answer
            link = urljoin(self.base_url + target, answer.headers.get("Location", ""))
            if urlsplit(link).scheme != urlsplit(self.base_url).scheme:
                raise Terminal(f"{where} is sent on to another scheme: not followed. {SCHOOLOGY.look}")
            target = self.own_target(f"the redirect of {where.removeprefix('Schoology: ')}", link)
            began = time.monotonic()
            self._turn()
            ends += time.monotonic() - began
            self.counts.total += 1
        raise Terminal(f"{where} is sent on more than {MOST_REDIRECTS} times. {SCHOOLOGY.look}")

    def _sending(self, ask: _Ask, target: str, left: float) -> Callable[[], requests.Response]:
        """One request; its OAuth1 object makes a nonce and a timestamp of its own each time."""
        timeouts = (min(CONNECT_SECONDS, left), min(ask.seconds, max(left, 1.0)))
        return lambda: self.session.request(
            ask.method, self.base_url + target, data=ask.body, headers=ask.headers, timeout=timeouts,
            allow_redirects=False, stream=True,
            auth=OAuth1(self.key, client_secret=self.secret, signature_method=self.signature_method),
        )  # fmt: skip

    def _pause_all(self, where: str, answer: Answer) -> None:
        """The pause is for every process, and a window long where the server does not say how long."""
        wait = retry_after(answer) or WINDOW_SECONDS
        self.counts.throttled += 1
        if self.throttle is not None:
            self.throttle.pause(wait)
        raise AgainError(f"Schoology asks to wait ({answer.status_code})", wait, status=answer.status_code)

    def _unauthorised(self, where: str, answer: Answer) -> Exception:
        """A replayed nonce is an accident and repeated; every other 401 needs a person."""
        said = answer.text[:1000].lower()
        if _REPLAYED in said:
            return AgainError("the nonce was used before", status=401)
        clock = (
            " It speaks of the timestamp: check that this machine's clock is right (NTP)."
            if "timestamp" in said
            else ""
        )
        return Terminal(
            f"{where}: Schoology refused the signature (401).{clock} Put the key and the secret of the district's "
            f"school app into login and password of the connection `{CONNECTION_ID}`: since 2025-06-25 a person's own "
            "key is answered with 401 for other users' data.", "AUTH_FAILED",
        )  # fmt: skip
