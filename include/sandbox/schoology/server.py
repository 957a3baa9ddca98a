"""The Schoology server: throttle, faults, signature, redirect, and the answer."""

import asyncio
import math
import time
from collections import deque
from typing import Any

import msgspec
from aiohttp import web

from sandbox.district import District
from sandbox.faults import Fault, Faults, Hooks
from sandbox.request_log import RequestLog
from sandbox.schoology import multiget
from sandbox.schoology.content import Content
from sandbox.schoology.edits import Edits
from sandbox.schoology.faults import inside_multiget, maintenance, struck, struck_inside
from sandbox.schoology.oauth import Signatures
from sandbox.schoology.resources import Resources, target_of, text
from sandbox.schoology.switches import Switches
from sandbox.wire import MANNERS, Answer, Call, ill_mannered, respond, split_target

WINDOW_SECONDS = 5.0


class Schoology:
    """One Schoology, serving a district's sections until it is told otherwise."""

    def __init__(self, district: District, consumer_key: str, consumer_secret: str) -> None:
        """Hold a district's sections behind one app's key and secret."""
        self.switches = Switches()
        self.content = Content(district)
        self.resources = Resources(self.content, self.switches)
        self.signatures = Signatures(consumer_key, consumer_secret, self.switches)
        self.edits = Edits(self.content)
        self.log = RequestLog()
        self.faults = Faults()
        self.hooks = Hooks()
        self.hook_failures: list[str] = []
        self._arrivals: deque[float] = deque()

    def set_switches(self, changes: dict[str, Any]) -> None:
        """Set lasting switches; an unknown name or a wrong value is a `ValueError` and changes nothing."""
        merged = msgspec.convert({**msgspec.to_builtins(self.switches), **changes}, Switches)
        for name in changes:
            setattr(self.switches, name, getattr(merged, name))
        self.log.keep_bodies = self.switches.log_bodies
        self.resources.reseed()
        self._arrivals.clear()

    def edit(self, action: str, arguments: dict[str, Any]) -> Any:
        """Do one of the `Edits` by name; an unknown one is a `KeyError`."""
        edit = getattr(self.edits, action, None)
        if action.startswith("_") or action == "content" or not callable(edit):
            raise KeyError(f"no edit {action!r}")
        return edit(**arguments)

    def state(self) -> dict[str, Any]:
        """Give the number of sections and of all records by collection."""
        counted = {"sections": len(self.content.sections)}
        for section in self.content.sections.values():
            for name, held in section.collections.items():
                counted[name] = counted.get(name, 0) + len(held.records)
        return counted

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one HTTP request."""
        path, query = split_target(request.raw_path)
        body = await request.read()
        kind = target_of(request.method, path).kind
        call = Call(request.method, path, query, body, request.headers, kind, request.host)
        shown = {name: value for name, value in query.items() if not name.startswith("oauth_")}
        entry = self.log.arrived(call.method, path, shown, kind, _readable(call))
        if self.switches.latency_ms:
            await asyncio.sleep(self.switches.latency_ms / 1000)
        fault = self.faults.take(call, self._sections(call)) if self.faults.pending else None
        if fault and fault.effect == "delay":
            await asyncio.sleep(fault.seconds)
        answer = self._answer(call, request.raw_path, fault)
        if fault and fault.effect == "delay_answer":
            await asyncio.sleep(fault.seconds)
        entry.status, entry.fault = answer.status, fault.effect if fault else ""
        return await respond(request, self._dated(answer))

    def _dated(self, answer: Answer) -> Answer:
        """Put the server's clock into the `Date` header, which is where a client learns it."""
        return answer._replace(headers={**(answer.headers or {}), "Date": self.content.date_header()})

    def _answer(self, call: Call, raw_path: str, fault: Fault | None) -> Answer:
        if self.switches.maintenance is not None:
            return maintenance(self.switches.maintenance)
        refused = (
            self._throttled()
            or (struck(fault, self.content.now()) if fault else None)
            or self._unsigned(call, raw_path)
        )
        if refused is not None:
            return refused
        if self.switches.redirects and call.method == "GET" and "hop" not in call.query:
            onward = raw_path + ("&" if "?" in raw_path else "?") + "hop=1"
            return Answer(303, b"", {"Location": f"http://{call.host}{onward}"}, "text/plain")
        answer = self._with_hooks(call)
        if fault and fault.effect == "truncate":
            return answer._replace(body=answer.body[: len(answer.body) // 2])
        if fault and fault.effect in MANNERS:
            return ill_mannered(answer, fault.effect, fault.seconds, fault.message)
        return answer

    def _unsigned(self, call: Call, raw_path: str) -> Answer | None:
        if self.switches.lasting_401:
            return text(401, "Invalid signature")
        refused = self.signatures.refusal(call, raw_path)
        if refused is None and self.switches.personal_keys:
            return text(401, "Access to other users' data is not allowed")
        return refused

    def _throttled(self) -> Answer | None:
        """Refuse what comes too soon; a refused request does not count itself."""
        most, now = self.switches.requests_per_5_seconds, time.monotonic()
        if not most:
            return None
        while self._arrivals and now - self._arrivals[0] >= WINDOW_SECONDS:
            self._arrivals.popleft()
        if len(self._arrivals) < most:
            self._arrivals.append(now)
            return None
        wait = math.ceil(self._arrivals[0] + WINDOW_SECONDS - now)
        answer = text(429, "Too many requests")
        return answer._replace(headers={"Retry-After": str(wait)}) if self.switches.retry_after else answer

    def _with_hooks(self, call: Call) -> Answer:
        self._fire("before", call)
        answer = self._multiget(call) if call.kind == "multiget" else self.resources.get(call)
        if answer.status < 400:
            self._fire("after", call)
        return answer

    def _multiget(self, call: Call) -> Answer:
        refused = multiget.refused(str(self.switches.multiget))
        if refused is not None:
            return refused
        try:
            paths = multiget.asked_paths(call.body)
        except ValueError as error:
            return text(400, str(error))
        return multiget.reply([(each, self._inner(call, each)) for each in paths], str(self.switches.multiget))

    def _inner(self, outer: Call, asked: str) -> Answer:
        """Answer one path of a multi-get: faults and hooks of its own kind strike it alone."""
        path, query = split_target(asked)
        call = Call("GET", path, query, b"", {}, target_of("GET", path).kind, outer.host)
        if not self.faults.pending and not self.hooks.pending:
            return self.resources.get(call)
        with inside_multiget(self.faults) as faults, inside_multiget(self.hooks):
            fault = faults.take(call, self._sections(call))
            return struck_inside(fault) if fault else self._with_hooks(call)

    def _sections(self, call: Call) -> set[int]:
        """Give the school codes, which are PowerSchool's section DCIDs, that a request is about."""
        if call.kind != "multiget":
            return self.resources.sections_of(call.path, call.query)
        try:
            paths = multiget.asked_paths(call.body)
        except ValueError:
            return set()
        return set().union(*(self.resources.sections_of(*split_target(path)) for path in paths))

    def _fire(self, when: str, call: Call) -> None:
        for hook in self.hooks.take(when, call, self._sections(call)) if self.hooks.pending else ():
            try:
                self.edit(hook.action, dict(hook.arguments))
            except (KeyError, TypeError, ValueError) as error:
                self.hook_failures.append(f"{hook.action}: {error}")


def _readable(call: Call) -> bytes:
    """Give the body as the log keeps it: a multi-get's paths as a list."""
    if call.kind != "multiget":
        return call.body
    try:
        return msgspec.json.encode(multiget.asked_paths(call.body))
    except ValueError:
        return call.body
