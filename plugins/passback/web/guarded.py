"""What stands before and behind the pages' application: nothing too large or unreadable in, every header out."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
FRESH = "no-store"
# The largest body that any write of ours needs is some hundred bytes.
LARGEST_BODY = 1 << 16

Problem = Callable[[Request, int, str], Response]


class Guarded:
    """Puts the security headers on every answer; one that states no life of its own is never kept by a browser.

    A body of more than 64 kB is refused before it is read (413), whoever sends it: an application reads the body before
    it asks who is there. So is an address with a zero byte (400), which no database of ours or Airflow's can look up.
    """

    def __init__(self, app: ASGIApp, problem: Problem) -> None:
        self.app = app
        self.problem = problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and the answer back with its headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = refused(scope)
        app = self.problem(Request(scope), *refusal) if refusal else self.app
        await app(scope, _limited(receive), _with_headers(send))


def refused(scope: Scope) -> tuple[int, str] | None:
    """Status and words where a request is refused by its head alone."""
    if b"%00" in scope["query_string"] or b"\x00" in scope["query_string"] or "\x00" in scope["path"]:
        return 400, "One of the values cannot be read."
    told = Headers(scope=scope).get("content-length", "")
    if told and not (told.isascii() and told.isdigit() and len(told) < 10 and int(told) <= LARGEST_BODY):
        return 413, "This is more than any request here needs."
    return None


def _limited(receive: Receive) -> Receive:
    """Counts the body of a request that does not tell its length."""
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_BODY:
            raise HTTPException(413, "This is more than any request here needs.")
        return message

    return limited


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            # Of two policies a browser enforces both: what an answer says itself stands alone.
            ours = {k: v for k, v in (HEADERS | {"cache-control": FRESH}).items() if k.encode() not in there}
            message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in ours.items())]
        await send(message)

    return guarded
