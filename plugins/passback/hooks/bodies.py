"""An answer's body: read until a deadline, unpacked here, never larger than memory bears, and whole JSON or torn."""

from __future__ import annotations

import http.client
import io
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import requests
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from passback.hooks import trust

# A page is some hundred kilobytes; one with titles of megabytes is still a page.
LARGEST_BODY = 64 << 20
# Each value that a page's records are cut into costs memory of its own, however short it is.
MOST_VALUES = 4_000_000
READ_BYTES = 1 << 16
# A gzip stream with its header, as zlib is told.
_GZIP = 16 + zlib.MAX_WBITS


class TooLargeError(Exception):
    """More than can be a page."""


class PackedError(Exception):
    """The body is packed otherwise than was asked for, or its packing is broken."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its status, its headers, and its body unpacked."""

    status_code: int
    headers: CaseInsensitiveDict[str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 is replaced."""
        return self.content.decode("utf-8", "replace")


def session() -> requests.Session:
    """A session whose every answer is read within the time-out of its request, header and body together."""
    made = requests.Session()
    made.mount("http://", _Adapter())
    made.mount("https://", _Adapter())
    made.headers["Accept-Encoding"] = "gzip"
    return made


def whole(answer: requests.Response) -> Answer:
    """The answer to a request with `stream=True`, read to its end.

    Raises TooLargeError and PackedError, and of urllib3 what breaks an answer off.
    """
    try:
        packing = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in ("identity", "", "gzip", "x-gzip"):
            raise PackedError(f"packed as {packing[:20]}")
        body = bytearray()
        for block in _unpacked(_blocks(answer)) if "gzip" in packing else _blocks(answer):
            body += block
            if len(body) > LARGEST_BODY:
                raise TooLargeError
    except BaseException:
        # What is left of it must not be taken for the next answer.
        answer.close()
        raise
    told = bytes(body)
    if answer.status_code >= 400:
        told = trust.without_credentials(told, answer.request.headers.get("Authorization"))
    return Answer(answer.status_code, answer.headers, told)


def _blocks(answer: requests.Response) -> Iterator[bytes]:
    """As it comes: `read` would wait until so many bytes are there."""
    while block := answer.raw.read1(READ_BYTES, decode_content=False):
        yield block


def _unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """A stream of gzip members, never more at once than a body may be."""
    member = zlib.decompressobj(_GZIP)
    empty = True
    for packed in blocks:
        left = packed
        while left:
            empty = False
            if member.eof:
                member = zlib.decompressobj(_GZIP)
            try:
                yield member.decompress(left, LARGEST_BODY + 1)
            except zlib.error as error:
                raise PackedError(str(error)) from None
            left = member.unconsumed_tail or member.unused_data
    if not member.eof and not empty:
        raise PackedError("it ends too early")


class _Until(io.RawIOBase):
    """What a socket brings until a moment: a server that sends a byte now and then keeps nobody for long."""

    def __init__(self, stream: io.RawIOBase, sock: socket.socket, seconds: float) -> None:
        self._stream = stream
        self._sock = sock
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(left)
        try:
            return cast("int | None", self._stream.readinto(buffer))
        finally:
            # The next request on this connection has a time-out of its own.
            self._sock.settimeout(self._seconds)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """The time-out of the socket when the answer is awaited is that of the whole answer."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        seconds = sock.gettimeout()
        if seconds is not None:
            stream = self.fp.detach()
            self.fp = io.BufferedReader(_Until(stream, sock, seconds))


class _Connection(HTTPConnection):
    response_class = _TimedResponse


class _TlsConnection(HTTPSConnection):
    response_class = _TimedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(requests.adapters.HTTPAdapter):
    """requests' own adapter over these pools, proxies included."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Makes the pools of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Makes the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager
