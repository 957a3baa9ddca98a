"""One call to PowerSchool, to its end: turn, token, request, answer, and repeats that help (docs/wire-faults.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from passback.errors import Terminal, catalogue
from passback.powerschool import answers
from passback.powerschool.answers import NOT_ASKED, TOO_LARGE, TOO_LONG_A_PAUSE, UNAVAILABLE, WRITES, Answer, Kind
from passback.powerschool.breaker import PROBE_SECONDS, Breaker
from passback.powerschool.exchange import Exchange, NoReply, patience_of_a_read, patience_of_a_write
from passback.powerschool.patience import Patience, Turns
from passback.powerschool.token import Tokens


@dataclass(frozen=True, slots=True)
class Call:
    """One thing to ask of PowerSchool; `path` with its query string, encoded; `decode` reads an accepted answer."""

    kind: Kind
    method: str
    path: str
    body: bytes | None = None
    decode: Callable[[bytes], Any] = answers.decode_any


class Caller:
    """Makes calls: every one ends in an Answer, or raises Terminal (the run must stop) or Stopped."""

    def __init__(
        self, exchange: Exchange, turns: Turns, tokens: Tokens, wait_limit_seconds: float, timeout_seconds: float
    ) -> None:
        """`wait_limit_seconds` bounds a call with all its repeats, `timeout_seconds` one request of it."""
        self._exchange = exchange
        self._turns = turns
        self._tokens = tokens
        self._wait_limit_seconds = wait_limit_seconds
        self._timeout_seconds = timeout_seconds
        self.breaker = Breaker(turns.breaker, turns.sleep)

    async def call(self, call: Call) -> Answer:
        """The answer to a call, after all repeats that help; its `attempts` are the call's own HTTP requests."""
        patience = Patience(self._wait_limit_seconds)
        probe = await self.breaker.admit(patience.left)
        if probe is None:
            return NOT_ASKED
        if probe:
            patience.shorten(PROBE_SECONDS)
        try:
            answer = await self._until_settled(call, patience)
        except BaseException:
            self.breaker.give_back(probe)
            raise
        await self._note(answer, probe)
        if answer.code in answers.STOPS_THE_RUN:
            raise Terminal(told(answer), answer.code)
        return replace(answer, attempts=patience.attempts)

    async def _note(self, answer: Answer, probe: int) -> None:
        """What the end of a call says about PowerSchool: a refusal is an answer too."""
        if answer.code != UNAVAILABLE:
            await self.breaker.answered()
        elif answer.asked:
            await self.breaker.failed(probe)
        else:
            self.breaker.give_back(probe)

    async def _until_settled(self, call: Call, patience: Patience) -> Answer:
        while True:
            answer = await self._once(call, patience)
            if not await self._turns.wait_to_repeat(answer, patience):
                return answer

    async def _once(self, call: Call, patience: Patience) -> Answer:
        token = await self._tokens.get(patience)
        if isinstance(token, Answer):
            return replace(token, retry="no")
        if not await self._turns.take(patience):
            return TOO_LONG_A_PAUSE
        patience.attempts += 1
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        left = max(patience.left, 0.001)
        timeout = (
            patience_of_a_write(min(self._timeout_seconds, left))
            if call.kind in WRITES
            else patience_of_a_read(self._timeout_seconds, left)
        )
        reply = await self._exchange.send(call.method, call.path, headers, call.body, timeout)
        if isinstance(reply, NoReply):
            return answers.unanswered(call.kind, reply.reason, sent=reply.sent)
        if reply.cut and call.kind not in WRITES and 200 <= reply.status < 300:
            return TOO_LARGE
        answer = answers.classify(call.kind, reply.status, reply.headers, reply.body, decode=call.decode)
        if answer.retry == "token":
            self._tokens.drop(token)
        # A server may repeat what it was sent: a token must not reach a log or a report.
        return replace(answer, message=answer.message.replace(token, "…")) if token in answer.message else answer


def told(answer: Answer) -> str:
    """The catalogue's message and fix for a refusal, with PowerSchool's words."""
    entry = catalogue().get(answer.code)
    if entry is None:
        return answer.message
    return f"{entry.message.format(answer=answer.message)} {entry.fix}"
