"""What a request and an answer are inside the sandbox: plain values, so that handlers need no HTTP library."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec
from aiohttp import web

JSON = "application/json"
HTML = "text/html;charset=UTF-8"


class Answer(NamedTuple):
    """One HTTP answer; `dropped` means that the connection is reset and nothing of it is sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None
    content_type: str = JSON
    dropped: bool = False


class Call(NamedTuple):
    """One HTTP request; `kind` is what it asks for in the server's own words (`create`, `score`, `query:sections`)."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: Mapping[str, str]
    kind: str
    host: str


class Refusal(Exception):
    """A request that the server refuses; carries the whole answer."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer that the server gives instead of the result."""
        super().__init__(answer.status)
        self.answer = answer


DROPPED = Answer(0, dropped=True)


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a JSON value."""
    return Answer(status, msgspec.json.encode(value), headers)


def split_target(raw_path: str) -> tuple[str, dict[str, str]]:
    """Split a request target into its decoded path and its query; of a repeated parameter the last one counts."""
    path, _, query = raw_path.partition("?")
    if "%" in path:
        path = unquote(path)
    return path, dict(parse_qsl(query, keep_blank_values=True)) if query else {}


def reset(request: web.BaseRequest) -> None:
    """Reset the connection as a dying server does: the client sees it closed without an answer."""
    transport = request.transport
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def respond(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Turn an answer into a response, or into a reset connection."""
    if answer.dropped:
        reset(request)
        await asyncio.sleep(0)
        return web.Response(status=500)
    return web.Response(
        body=answer.body,
        status=answer.status,
        headers=answer.headers,
        content_type=None if answer.headers and "Content-Type" in answer.headers else answer.content_type.split(";")[0],
        charset="utf-8" if answer.content_type == HTML else None,
    )
