"""The plugin's OAuth token: one per process, asked for under a lock, renewed before it expires."""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
import time
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import Any

from passback.powerschool.answers import (
    TOO_LONG_A_PAUSE,
    UNAVAILABLE,
    Answer,
    UnreadableError,
    classify,
    decode_any,
    unanswered,
)
from passback.powerschool.exchange import Exchange, NoReply, patience_of_a_read
from passback.powerschool.patience import Patience, Turns

TOKEN_PATH = "/oauth/access_token/"  # noqa: S105 (a path)
MARGIN_SECONDS = 60.0
USUAL_SECONDS = 3600.0

REFUSED = Answer(code="AUTH_FAILED", message="PowerSchool refused the plugin's credentials")


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and the moment (monotonic seconds) at which it is no longer used."""

    text: str = field(repr=False)
    until: float


_kept: dict[str, Token] = {}


class Tokens:
    """Gives every request its token; the process keeps one per server and client id."""

    def __init__(
        self, exchange: Exchange, turns: Turns, client_id: str, client_secret: str, timeout_seconds: float
    ) -> None:
        """Keeps the credentials only in the form in which they are sent."""
        self._exchange = exchange
        self._turns = turns
        self._timeout_seconds = timeout_seconds
        credentials = b64encode(f"{client_id}:{client_secret}".encode()).decode("ascii")
        self._authorization = f"Basic {credentials}"
        self._key = hashlib.sha256(f"{exchange.base_url} {credentials}".encode()).hexdigest()
        self._lock = asyncio.Lock()

    async def get(self, patience: Patience) -> str | Answer:
        """The token in use, or a new one; an Answer with AUTH_FAILED or SIS_UNAVAILABLE where there is none."""
        if text := self._current():
            return text
        async with self._lock:
            return self._current() or await self._fetch(patience)

    def drop(self, text: str) -> None:
        """Forgets a token that PowerSchool no longer takes, unless another has replaced it already."""
        kept = _kept.get(self._key)
        if kept is not None and kept.text == text:
            del _kept[self._key]

    def _current(self) -> str:
        kept = _kept.get(self._key)
        return kept.text if kept is not None and time.monotonic() < kept.until else ""

    async def _fetch(self, patience: Patience) -> str | Answer:
        own = Patience(patience.left)
        while True:
            answer = await self._ask(own)
            if answer.accepted:
                token = read_token(answer.json, time.monotonic())
                _kept[self._key] = token
                return token.text
            if answer.code != UNAVAILABLE:
                return replace(REFUSED, status=answer.status)
            if not await self._turns.wait_to_repeat(answer, own):
                return replace(answer, message=f"no token: {answer.message}")

    async def _ask(self, patience: Patience) -> Answer:
        if not await self._turns.take(patience):
            return TOO_LONG_A_PAUSE
        headers = {"Authorization": self._authorization, "Content-Type": "application/x-www-form-urlencoded"}
        timeout = patience_of_a_read(self._timeout_seconds, max(patience.left, 0.001))
        reply = await self._exchange.send("POST", TOKEN_PATH, headers, b"grant_type=client_credentials", timeout)
        if isinstance(reply, NoReply):
            return unanswered("list", reply.reason, sent=reply.sent)
        return classify("list", reply.status, reply.headers, reply.body, decode=_decode_token)


def _decode_token(body: bytes) -> Any:
    document = decode_any(body)
    token = document.get("access_token") if isinstance(document, dict) else None
    # What does not fit into a header (RFC 6750's b64token, generously) would break every request that carries it.
    if not isinstance(token, str) or re.fullmatch(r"[!-~]{1,4096}", token) is None:
        raise UnreadableError("without an `access_token`")
    return document


def read_token(document: dict[str, Any], now: float) -> Token:
    """The token of `{"access_token":…,"expires_in":"2504956"}`; a short-lived one is used for half its life."""
    try:
        seconds = float(document["expires_in"])
    except (KeyError, TypeError, ValueError, OverflowError):
        seconds = USUAL_SECONDS
    if not math.isfinite(seconds):
        seconds = USUAL_SECONDS
    return Token(document["access_token"], now + max(seconds - MARGIN_SECONDS, seconds / 2))
