"""The PowerSchool server: the gates that a request passes, the faults that strike it, the answer."""

import asyncio
import random
import time
from typing import Any

import msgspec
from aiohttp import web

from sandbox.district import District
from sandbox.faults import Fault, Faults, Hook, Hooks
from sandbox.powerschool import errors
from sandbox.powerschool.edits import Edits
from sandbox.powerschool.gradebook import Gradebook
from sandbox.powerschool.oauth import Tokens
from sandbox.powerschool.resources import Resources, kind_of
from sandbox.powerschool.roster import Roster
from sandbox.powerschool.spoiled import SPOILS
from sandbox.powerschool.switches import Switches
from sandbox.request_log import RequestLog
from sandbox.wire import DROPPED, Answer, Call, json_answer, respond, split_target


class PowerSchool:
    """One PowerSchool, serving a district until it is told otherwise."""

    def __init__(self, district: District, client_id: str, client_secret: str) -> None:
        """Hold a district's roster and gradebook behind one plugin's credentials."""
        self.switches = Switches()
        self.roster = Roster(district)
        self.gradebook = Gradebook(district, self.roster)
        self.tokens = Tokens(client_id, client_secret, self.switches)
        self.resources = Resources(self.gradebook, self.roster, self.switches, self.tokens, district.time_zone)
        self.edits = Edits(self.gradebook, self.roster)
        self.log = RequestLog()
        self.faults = Faults()
        self.hooks = Hooks()
        self.hook_failures: list[str] = []
        self._random = random.Random(1)
        self._last_request = 0.0

    def set_switches(self, changes: dict[str, Any]) -> None:
        """Set lasting switches; an unknown name or a wrong value is a `ValueError` and changes nothing."""
        merged = msgspec.convert({**msgspec.to_builtins(self.switches), **changes}, Switches)
        for name in changes:
            setattr(self.switches, name, getattr(merged, name))
        self.log.keep_bodies = self.switches.log_bodies
        self.roster.today = self.switches.today
        self.roster.changed()
        if {"random_seed", "random_rate"} & set(changes):
            self._random = random.Random(self.switches.random_seed)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one HTTP request."""
        path, query = split_target(request.raw_path)
        body = await request.read()
        kind = kind_of(request.method, path)
        call = Call(request.method, path, query, body, request.headers, kind, request.host)
        entry = self.log.arrived(call.method, path, query, kind, b"" if kind == "token" else body)
        if self.switches.latency_ms:
            await asyncio.sleep(self.switches.latency_ms / 1000)
        answer, entry.fault = await self._answer(call)
        entry.status = answer.status
        return await respond(request, answer)

    async def _answer(self, call: Call) -> tuple[Answer, str]:
        """Pass a request through maintenance, chance, interval, token and faults; give the answer and what struck."""
        if self.switches.maintenance is not None:
            return errors.maintenance(self.switches.maintenance), "maintenance"
        chance = self._by_chance(call)
        if chance is not None:
            return chance, "random"
        gate = self._gate(call)
        if gate is not None:
            return gate, ""
        if not self.faults.pending and not self.hooks.pending:
            return self.resources.do(call), ""
        return await self._disturbed(call)

    async def _disturbed(self, call: Call) -> tuple[Answer, str]:
        wanted = self.faults.by_section or self.hooks.by_section
        sections = self.resources.sections_of(call) if wanted else set()
        fault = self.faults.take(call, sections)
        if fault is None:
            return self._with_hooks(call, sections), ""
        refused = self._refused(fault)
        if refused is not None:
            return refused, fault.effect
        if fault.effect == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.effect == "not_stored":
            return self.resources.pretend(call), fault.effect
        answer = self._with_hooks(call, sections)
        if fault.effect == "delay_answer":
            await asyncio.sleep(fault.seconds)
        return _spoiled(answer, fault), fault.effect

    @staticmethod
    def _refused(fault: Fault) -> Answer | None:
        """Give the answer of a fault that lets nothing be done."""
        if fault.effect == "drop_before_commit":
            return DROPPED
        if fault.effect == "html":
            return errors.maintenance(fault.status if fault.status in (200, 503) else 503)
        if fault.effect == "throttle":
            status = fault.status if fault.status in (403, 429, 503) else 429
            return errors.throttled(status, fault.retry_after or 0.0, fault.message)
        if fault.effect == "status":
            return _status_answer(fault)
        return None

    def _by_chance(self, call: Call) -> Answer | None:
        switches = self.switches
        if not switches.random_rate or self._random.random() >= switches.random_rate:
            return None
        kind = self._random.choice(switches.random_kinds)
        committed = kind != "429" and self._random.random() < switches.random_commit_share
        if committed and self._gate(call) is None:
            self.resources.do(call)
        if kind == "reset":
            return DROPPED
        if kind == "429":
            return errors.throttled(429, 0.0)
        return json_answer({"message": "Internal error"}, int(kind))

    def _gate(self, call: Call) -> Answer | None:
        """Refuse what comes too soon after the last request, or without a good token."""
        if call.kind in ("token", "time"):
            return None
        interval = self.switches.min_interval_ms / 1000
        if interval:
            now = time.monotonic()
            if now - self._last_request < interval:
                return errors.throttled(self.switches.throttle_status, interval)
            self._last_request = now
        refused = self.tokens.check(call)
        return refused.answer if refused else None

    def _with_hooks(self, call: Call, sections: set[int]) -> Answer:
        for hook in self.hooks.take("before", call, sections):
            self._fire(hook)
        answer = self.resources.do(call)
        if answer.status < 400:
            for hook in self.hooks.take("after", call, sections):
                self._fire(hook)
        return answer

    def _fire(self, hook: Hook) -> None:
        try:
            self.edit(hook.action, hook.arguments)
        except (KeyError, TypeError, ValueError) as error:
            self.hook_failures.append(f"{hook.action}: {error}")

    def edit(self, action: str, arguments: dict[str, Any]) -> Any:
        """Do one of the `Edits`, or `revoke_tokens`, by name; an unknown one is a `KeyError`."""
        if action == "revoke_tokens":
            return self.tokens.revoke()
        edit = getattr(self.edits, action, None)
        if action.startswith("_") or action == "find" or not callable(edit):
            raise KeyError(f"no edit {action!r}")
        return edit(**arguments)


def _status_answer(fault: Fault) -> Answer:
    if fault.status == 401:
        return errors.unauthorised().answer
    default = {412: "Resubmit the request", 409: "The request was refused"}.get(fault.status, "Internal error")
    headers = None if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    return json_answer({"message": fault.message or default}, fault.status, headers)


def _spoiled(answer: Answer, fault: Fault) -> Answer:
    """Give what is left of an answer whose request was done."""
    if fault.effect == "commit_then_drop":
        return DROPPED
    if fault.effect == "status_after_commit":
        return _status_answer(fault)
    return SPOILS[fault.effect](answer) if fault.effect in SPOILS else answer
