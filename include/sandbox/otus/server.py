"""The Otus server: bearer token, pages by cursor, and the ways in which a page can be wrong."""

import asyncio
import base64
import secrets
from email.utils import formatdate
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from sandbox.district import OTUS_COLLECTIONS, District
from sandbox.faults import Fault, Faults, Hooks
from sandbox.otus.content import Content, parse_time, stamp
from sandbox.otus.edits import Edits
from sandbox.otus.export import export_files
from sandbox.request_log import RequestLog
from sandbox.wire import DROPPED, HTML, MANNERS, Answer, Call, ill_mannered, json_answer, respond, split_target


class Switches(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Every lasting switch of Otus with its default: an instant, honest server."""

    latency_ms: float = 0.0
    page_cap: int = 1000
    total: str = "true"  # true | missing | null | wrong
    total_off_by: int = 1  # how far a wrong total is off
    lasting_401: bool = False
    maintenance: int | None = None
    repeat_cursor: bool = False  # every next_cursor leads back to its own page
    repeat_page: bool = False  # every page but the first holds the page before it
    endless: bool = False  # after its last record a listing goes on with empty pages
    log_bodies: bool = True

    def __post_init__(self) -> None:
        """Refuse values that would quietly mean something else."""
        if self.total not in ("true", "missing", "null", "wrong"):
            raise ValueError("total must be true, missing, null or wrong")


class Otus:
    """One Otus, serving a district's content until it is told otherwise."""

    def __init__(self, district: District, token: str) -> None:
        """Hold a district's content behind one token."""
        self.token = token
        self.switches = Switches()
        self.content = Content(district)
        self.edits = Edits(self.content)
        self.log = RequestLog()
        self.faults = Faults()
        self.hooks = Hooks()
        self.hook_failures: list[str] = []

    def set_switches(self, changes: dict[str, Any]) -> None:
        """Set lasting switches; an unknown name or a wrong value is a `ValueError` and changes nothing."""
        merged = msgspec.convert({**msgspec.to_builtins(self.switches), **changes}, Switches)
        for name in changes:
            setattr(self.switches, name, getattr(merged, name))
        self.log.keep_bodies = self.switches.log_bodies

    def edit(self, action: str, arguments: dict[str, Any]) -> Any:
        """Do one of the `Edits`, or `export_files`, by name; an unknown one is a `KeyError`."""
        if action == "export_files":
            folder = Path(arguments.pop("folder"))
            since = arguments.pop("updated_since", None)
            at = None if since is None else parse_time(since)
            return str(export_files(self.content, folder, since=at, **arguments))
        edit = getattr(self.edits, action, None)
        if action.startswith("_") or action == "content" or not callable(edit):
            raise KeyError(f"no edit {action!r}")
        return edit(**arguments)

    def state(self) -> dict[str, Any]:
        """Give the size of each collection."""
        return {name: len(held.records) for name, held in self.content.collections.items()}

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one HTTP request."""
        path, query = split_target(request.raw_path)
        body = await request.read()
        kind = path.removeprefix("/v1/") if request.method == "GET" and path.startswith("/v1/") else "unknown"
        call = Call(request.method, path, query, body, request.headers, kind, request.host)
        entry = self.log.arrived(call.method, path, query, kind, body)
        if self.switches.latency_ms:
            await asyncio.sleep(self.switches.latency_ms / 1000)
        fault = self.faults.take(call, set()) if self.faults.pending else None
        if fault and fault.effect in ("delay", "delay_answer"):
            await asyncio.sleep(fault.seconds)
        answer = self._answer(call, fault)
        entry.status, entry.fault = answer.status, fault.effect if fault else ""
        return await respond(request, answer)

    def _answer(self, call: Call, fault: Fault | None) -> Answer:
        if self.switches.maintenance is not None:
            return _maintenance(self.switches.maintenance)
        struck = _struck(fault, self.content.now() / 1000) if fault else None
        if struck is not None:
            return struck
        scheme, _, token = call.headers.get("Authorization", "").partition(" ")
        if self.switches.lasting_401 or scheme.lower() != "bearer" or not secrets.compare_digest(token, self.token):
            return json_answer({"error": "bad token"}, 401)
        self._fire("before", call)
        answer = self._page(call)
        if answer.status < 400:
            self._fire("after", call)
        if fault and fault.effect == "truncate":
            return answer._replace(body=answer.body[: len(answer.body) // 2])
        if fault and fault.effect in MANNERS:
            return ill_mannered(answer, fault.effect, fault.seconds, fault.message)
        return answer

    def _fire(self, when: str, call: Call) -> None:
        for hook in self.hooks.take(when, call, set()) if self.hooks.pending else ():
            try:
                self.edit(hook.action, dict(hook.arguments))
            except (KeyError, TypeError, ValueError) as error:
                self.hook_failures.append(f"{hook.action}: {error}")

    def _page(self, call: Call) -> Answer:
        if call.kind not in OTUS_COLLECTIONS:
            return json_answer({"error": f"no collection {call.kind}"}, 404)
        try:
            limit, since, start = _asked(call.query)
        except ValueError as error:
            return json_answer({"error": str(error)}, 400)
        limit = min(limit, self.switches.page_cap)
        collection = self.content.collections[call.kind]
        records, after = collection.since(since, start, limit)
        if after is None and self.switches.endless:
            after = start + limit
        if self.switches.repeat_page and start:
            records, _ = collection.since(since, max(0, start - limit), limit)
        cursor = None if after is None else _cursor(start if self.switches.repeat_cursor else after, since)
        body = b'{"data":[' + b",".join(records) + b'],"next_cursor":' + msgspec.json.encode(cursor)
        body += b',"server_time":' + msgspec.json.encode(stamp(self.content.now()))
        return Answer(200, body + self._total(collection.count(since)) + b"}")

    def _total(self, count: int) -> bytes:
        form = self.switches.total
        if form == "missing":
            return b""
        if form == "null":
            return b',"total":null'
        return b',"total":%d' % (count + (self.switches.total_off_by if form == "wrong" else 0))


def _asked(query: dict[str, str]) -> tuple[int, int | None, int]:
    """Read limit, `updated_since` (milliseconds or none) and the place to start from; `ValueError` says what is bad."""
    unknown = set(query) - {"limit", "cursor", "updated_since"}
    if unknown:
        raise ValueError(f"unknown parameter {', '.join(sorted(unknown))}")
    limit = query.get("limit", "1000")
    if not limit.isdigit() or int(limit) < 1:
        raise ValueError("limit must be a number from 1")
    text = query.get("updated_since")
    try:
        since = None if text is None else parse_time(text.replace(" ", "+"))
    except ValueError:
        raise ValueError("updated_since must be a time with a zone") from None
    return int(limit), since, _place(query["cursor"], since) if query.get("cursor") else 0


def _cursor(place: int, since: int | None) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([place, since])).decode()


def _place(cursor: str, since: int | None) -> int:
    """Read a cursor back; one of another question is refused."""
    try:
        place, asked = msgspec.json.decode(base64.urlsafe_b64decode(cursor), type=tuple[int, int | None])
    except (ValueError, msgspec.DecodeError):
        raise ValueError("cursor cannot be read") from None
    if asked != since:
        raise ValueError("cursor belongs to another question")
    return place


def _maintenance(status: int) -> Answer:
    return Answer(status, b"<html><body><h1>Otus is being updated</h1></body></html>", None, HTML)


def _struck(fault: Fault, now: float) -> Answer | None:
    """Give the answer of a fault that takes the place of a page."""
    fixed = {
        "drop_before_commit": DROPPED,
        "commit_then_drop": DROPPED,
        "not_json": Answer(200, b"no JSON at all"),
        "wrong_shape": Answer(200, b'{"items":[],"cursor":7}'),
        "html": _maintenance(fault.status if fault.status in (200, 503) else 503),
    }
    if fault.effect in fixed:
        return fixed[fault.effect]
    if fault.effect == "throttle":
        status = fault.status if fault.status in (403, 429, 503) else 429
        return json_answer({"error": "slow down"}, status, _dated(now) | (fault.waiting(now) or {}))
    if fault.effect in ("status", "status_after_commit"):
        return json_answer({"error": fault.message or "refused"}, fault.status, fault.waiting(now))
    return None


def _dated(now: float) -> dict[str, str]:
    """Put the server's clock into the `Date` header, by which a client reads a date to wait for."""
    return {"Date": formatdate(now, usegmt=True)}
