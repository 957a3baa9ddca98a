"""One HTTP request to PowerSchool: what came back, or why nothing did; nothing is repeated here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from passback.errors import Terminal
from passback.hooks import trust
from passback.powerschool.answers import UNAVAILABLE

CONNECTIONS = 256
CONNECT_SECONDS = 10.0
IDLE_SECONDS = 12.0  # shorter than any server's own, so that a kept connection is not closed under a write
READ_BUFFER = 1 << 18
# The largest answer that is read, unpacked: half a million rows of enrolments, far above any one school's.
LARGEST_ANSWER = 128_000_000
LARGEST_REFUSAL = 1_000_000


@dataclass(slots=True)
class Requests:
    """How many HTTP requests were made (tokens and repeats included), repeated after an error, and told to wait."""

    total: int = 0
    retried: int = 0
    throttled: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer as it came; the body is empty where the connection broke after a status of acceptance.

    `cut`: the answer is larger than any that we read, and its body only the beginning.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


@dataclass(frozen=True, slots=True)
class NoReply:
    """No HTTP answer: `sent` says whether the request may have reached PowerSchool all the same."""

    reason: str
    sent: bool


class Exchange:
    """Keep-alive connections to one PowerSchool server; an asynchronous context manager."""

    def __init__(self, base_url: str) -> None:
        """Opens nothing yet."""
        self.base_url = base_url.rstrip("/")
        self.requests = Requests()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Opens the pool of connections."""
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS, ttl_dns_cache=300),
            headers={"Accept": "application/json", "User-Agent": "passback"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            read_bufsize=READ_BUFFER,
        )
        # aiohttp would silently send a PUT again on a broken kept connection: a write that no record knows of.
        session._retry_connection = False
        self._session = session
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, timeout: aiohttp.ClientTimeout
    ) -> Reply | NoReply:
        """One request to `path` (with its query string, already encoded); redirects are not followed.

        Raises Terminal for a server that cannot be trusted: a wrong certificate does not get better by repeating.
        """
        if self._session is None:
            raise RuntimeError("The PowerSchool client is used outside its `async with`.")
        self.requests.total += 1
        url = URL(self.base_url + path, encoded=True)
        try:
            async with self._session.request(
                method, url, headers=headers, data=body, timeout=timeout, allow_redirects=False
            ) as response:
                reply = await _reply(response)
                if reply.status < 400:
                    return reply
                return replace(reply, body=trust.without_credentials(reply.body, headers.get("Authorization")))
        except aiohttp.ClientSSLError as error:
            if why := trust.refusal(error):
                raise Terminal(f"PowerSchool is not trusted: {why}. {trust.ADVICE}", UNAVAILABLE) from None
            return NoReply(f"no connection to {url.host}:{url.port} ({_cause(error)})", sent=False)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return NoReply(f"no connection to {url.host}:{url.port} ({_cause(error)})", sent=False)
        except TimeoutError:
            return NoReply("no answer in time", sent=True)
        except (aiohttp.ClientError, OSError) as error:
            return NoReply(f"the connection broke ({_cause(error)})", sent=True)


async def _reply(response: aiohttp.ClientResponse) -> Reply:
    accepted = 200 <= response.status < 300
    try:
        body, cut = await _body(response, LARGEST_ANSWER if accepted else LARGEST_REFUSAL)
        return Reply(response.status, response.headers, body, cut)
    except (aiohttp.ClientError, TimeoutError, OSError):
        # The status alone proves that a write was accepted; a read without its body finds no JSON and is repeated.
        if not accepted or "html" in response.content_type:
            raise
        return Reply(response.status, response.headers, b"")


async def _body(response: aiohttp.ClientResponse, most: int) -> tuple[bytes, bool]:
    """The body, and whether it was cut off after `most` bytes (with its connection: what follows is not wanted)."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > most:
            response.close()
            return parts[0][:LARGEST_REFUSAL], True
    return b"".join(parts), False


def patience_of_a_read(quiet_seconds: float, total_seconds: float) -> aiohttp.ClientTimeout:
    """A read may take all the time there is as long as its answer keeps coming."""
    return aiohttp.ClientTimeout(
        total=total_seconds, sock_connect=min(CONNECT_SECONDS, quiet_seconds), sock_read=quiet_seconds
    )


def patience_of_a_write(seconds: float) -> aiohttp.ClientTimeout:
    """A write has so many seconds for everything."""
    return aiohttp.ClientTimeout(total=seconds, sock_connect=min(CONNECT_SECONDS, seconds))


def _cause(error: BaseException) -> str:
    """The class of an error and the operating system's words: never a text that may hold an address or a header."""
    below = getattr(error, "os_error", None)
    names = [type(error).__name__]
    if isinstance(below, OSError) and below.strerror:
        names.append(below.strerror)
    return ", ".join(names)
