"""What a request and an answer are inside the sandbox: plain values, so that handlers need no HTTP library."""

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec
from aiohttp import web

JSON = "application/json"
HTML = "text/html;charset=UTF-8"
# Ways in which a good answer reaches its client badly; the faults of Otus and Schoology know them as effects.
MANNERS = (
    "drip",  # one byte of the body every `seconds`
    "drip_headers",  # the same of the headers, and they never end
    "huge",  # a body that goes on for 200 MB
    "gzip",  # well packed
    "gzip_bomb",  # 200 MB of blanks, well packed
    "gzip_broken",  # packed, and torn in the middle
    "length_too_long",  # Content-Length says more than comes
    "length_too_short",  # Content-Length cuts the body
    "redirect",  # sent on to the address in `message`
)
MEGABYTE = 1 << 20
HUGE_MEGABYTES = 200


class Answer(NamedTuple):
    """One HTTP answer; `dropped` means that the connection is reset and nothing of it is sent.

    `manner` is one of `MANNERS` or empty, `seconds` how long a dripping one waits between two bytes.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None
    content_type: str = JSON
    dropped: bool = False
    manner: str = ""
    seconds: float = 0.0


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
    if answer.manner:
        return await _badly(request, answer)
    return _well(answer)


def ill_mannered(answer: Answer, manner: str, seconds: float, message: str) -> Answer:
    """Spoil a good answer in one of the `MANNERS`."""
    if manner == "redirect":
        return Answer(302, b"", {**(answer.headers or {}), "Location": message})
    packed = {"Content-Encoding": "gzip"}
    if manner == "gzip":
        return answer._replace(body=gzip.compress(answer.body), headers={**(answer.headers or {}), **packed})
    if manner == "gzip_bomb":
        return answer._replace(body=_bomb(), headers={**(answer.headers or {}), **packed})
    if manner == "gzip_broken":
        torn = gzip.compress(answer.body)
        return answer._replace(body=torn[: len(torn) // 2], headers={**(answer.headers or {}), **packed})
    return answer._replace(manner=manner, seconds=seconds)


@cache
def _bomb() -> bytes:
    """Pack one megabyte, and say it again and again: nobody reads on to the sum at the end."""
    packer = zlib.compressobj(9, wbits=31)
    first, again = (packer.compress(b" " * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (HUGE_MEGABYTES - 1)


def _well(answer: Answer) -> web.Response:
    return web.Response(
        body=answer.body,
        status=answer.status,
        headers=answer.headers,
        content_type=None if answer.headers and "Content-Type" in answer.headers else answer.content_type.split(";")[0],
        charset="utf-8" if answer.content_type == HTML else None,
    )


async def _badly(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Write an answer as its manner says; a client that gives up ends it."""
    if answer.manner == "drip_headers":
        await _drip_headers(request, answer.seconds)
        return web.Response(status=500)
    response = web.StreamResponse(status=answer.status, headers={**(answer.headers or {}), "Content-Type": JSON})
    if answer.manner.startswith("length"):
        # aiohttp keeps to the length that it was told: what is over it is cut off.
        response.content_length = len(answer.body) * 2 if answer.manner == "length_too_long" else len(answer.body) // 2
    await response.prepare(request)
    try:
        async for block in _blocks(answer):
            await response.write(block)
    except (ConnectionError, asyncio.CancelledError):
        return response
    if answer.manner == "length_too_long" and request.transport is not None:
        request.transport.close()
    return response


async def _blocks(answer: Answer) -> AsyncIterator[bytes]:
    if answer.manner == "drip":
        for place in range(len(answer.body)):
            yield answer.body[place : place + 1]
            await asyncio.sleep(answer.seconds)
    elif answer.manner == "huge":
        yield b'{"data":["'
        for _ in range(HUGE_MEGABYTES):
            yield b"a" * MEGABYTE
    else:
        yield answer.body


async def _drip_headers(request: web.BaseRequest, seconds: float) -> None:
    transport = request.transport
    if transport is None:
        return
    transport.write(b"HTTP/1.1 200 OK\r\nX-Patience: ")
    while not transport.is_closing():
        transport.write(b"a")
        await asyncio.sleep(seconds)
