"""A proxy before PostgreSQL that knows enough of its protocol to see each COMMIT that writes.

Source: PostgreSQL's documentation, "Frontend/Backend Protocol": a message is a type byte and a length; only the
first one of a connection has no type. psycopg sends BEGIN, COMMIT and our named statements as simple queries (`Q`).
"""

from __future__ import annotations

import asyncio
import re
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from chaos.peers import pid_of_unix, reset
from chaos.places import Passages, Peer, Place

SOCKET = ".s.PGSQL.5432"
ENCRYPTION_REQUESTS = (80877103, 80877104)
SQL_FOLDER = Path(__file__).resolve().parents[1] / "include" / "sql"
PARAMETER = re.compile(r"%\(\w+\)s|%%")
COMMENT = re.compile(r"--[^\n]*")
# Temporary tables have no schema in include/sql: a transaction that only fills those commits nothing.
WRITING = re.compile(
    r"\b(insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?|copy|(?:create|alter|drop)\s+\w+)\s+"
    r"(?:if\s+(?:not\s+)?exists\s+)?\"?(passback|staging|report|public|_?yoyo)",
    re.IGNORECASE,
)
TO_STDOUT = re.compile(r"^\s*copy\b.*\bto\s+stdout", re.IGNORECASE | re.DOTALL)
MOST_NAMES = 3


@cache
def statements() -> list[tuple[list[str], str]]:
    """The text of each named statement between its parameters, and its name; the longest text first."""
    found = [(PARAMETER.split(bare(path.read_text(encoding="utf-8"))), path.stem) for path in SQL_FOLDER.glob("*.sql")]
    return sorted(found, key=lambda one: -sum(map(len, one[0])))


@lru_cache(maxsize=4096)
def name_of(text: str) -> str:
    """The name of a statement of include/sql, else its first words."""
    said = bare(text)
    for parts, name in statements():
        if said.startswith(parts[0]) and _holds(said, parts):
            return name
    return " ".join(re.findall(r"\w+", said)[:3]).lower()


def bare(text: str) -> str:
    """A statement without its comments and line breaks, as it may be sent either way."""
    return " ".join(COMMENT.sub("", text).split())


def _holds(text: str, parts: list[str]) -> bool:
    """Whether the parts are in the text, one after the other: what is between them was bound."""
    place = 0
    for part in parts:
        place = text.find(part, place) + len(part)
        if place < len(part):
            return False
    return True


def writes(text: str) -> bool:
    """Whether a statement changes one of the district's tables."""
    said = bare(text)
    return WRITING.search(said) is not None and not TO_STDOUT.match(said)


@dataclass(slots=True)
class Session:
    """What a connection's messages have said so far."""

    points: Passages
    peer: Peer
    status: bytes = b"I"
    wrote: list[str] = field(default_factory=list)
    pending: tuple[str, str, int] | None = None
    failed: bool = False

    def asked(self, kind: bytes, body: bytes) -> bool:
        """Takes in a message of the client; whether it may go on to the server."""
        if kind in (b"Q", b"P"):
            text = (body if kind == b"Q" else body.partition(b"\0")[2]).partition(b"\0")[0].decode()
            self._statement(text)
            if kind == b"Q":
                return self._may_commit(text)
        return self._may_commit("") if kind == b"S" else True

    def _statement(self, text: str) -> None:
        if text.lower().startswith(("begin", "rollback")) and "to savepoint" not in text.lower():
            self.wrote.clear()
        elif writes(text) and (name := name_of(text)) not in self.wrote:
            self.wrote.append(name)

    def _may_commit(self, text: str) -> bool:
        ends = self.status == b"I" or text.strip().rstrip(";").lower() == "commit"
        if not ends or not self.wrote or self.pending:
            return True
        names = self.wrote if len(self.wrote) <= MOST_NAMES else [*self.wrote[: MOST_NAMES - 1], "…", self.wrote[-1]]
        what = f"commit {'+'.join(names)}"
        self.wrote, self.failed = [], False
        self.pending = (what, *self.points.number(what))
        return self._pass_by("before")

    def answered(self, kind: bytes, body: bytes) -> bool:
        """Takes in a message of the server; whether it may go on to the client."""
        if kind == b"E" or (kind == b"C" and body.startswith(b"ROLLBACK")):
            self.failed = True
        if kind != b"Z":
            return True
        self.status = body[:1]
        return self.failed or self._pass_by("unheard")

    def heard(self) -> None:
        """The client has the answer to its last message."""
        if not self.failed:
            self._pass_by("after")
        self.pending, self.failed = None, False

    def _pass_by(self, moment: str) -> bool:
        if self.pending is None:
            return True
        what, scope, number = self.pending
        place = Place(
            scope, what, number, "before" if moment == "before" else "after" if moment == "after" else "unheard"
        )
        return self.points.pass_by(place, self.peer)


async def serve(points: Passages, socket_folder: Path, folder: Path) -> asyncio.Server:
    """Listens in `folder` for the server of `socket_folder`."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _connection(points, socket_folder / SOCKET, reader, writer)
        reset(writer)

    path = folder / SOCKET
    path.unlink(missing_ok=True)
    return await asyncio.start_unix_server(connected, path)


async def _connection(
    points: Passages, socket: Path, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
) -> None:
    if points.is_refused("commit"):
        return
    server, to_server = await asyncio.open_unix_connection(socket)

    def close() -> None:
        reset(to_client)
        reset(to_server)

    sock = to_client.get_extra_info("socket")
    peer = Peer(lambda: pid_of_unix(sock), close)
    _ = peer.pid  # while the socket is surely there
    session = Session(points, peer)
    points.peers["commit"].add(peer)
    try:
        to_server.write(await _startup(client, to_client))
        halves = [
            asyncio.ensure_future(_forward(client, to_server, session)),
            asyncio.ensure_future(_back(server, to_client, session)),
        ]
        await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        for half in halves:
            half.cancel()
        await asyncio.gather(*halves, return_exceptions=True)
    finally:
        points.peers["commit"].discard(peer)
        to_server.close()


async def _startup(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> bytes:
    """The first message; a question for encryption is answered with no."""
    while True:
        head = await client.readexactly(4)
        body = await client.readexactly(struct.unpack("!i", head)[0] - 4)
        if struct.unpack("!i", body[:4])[0] not in ENCRYPTION_REQUESTS:
            return head + body
        to_client.write(b"N")


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes, bytes]:
    head = await reader.readexactly(5)
    body = await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
    return head[:1], head, body


async def _forward(client: asyncio.StreamReader, to_server: asyncio.StreamWriter, session: Session) -> None:
    while True:
        kind, head, body = await _message(client)
        if not session.asked(kind, body):
            return
        to_server.write(head + body)
        await to_server.drain()


async def _back(server: asyncio.StreamReader, to_client: asyncio.StreamWriter, session: Session) -> None:
    while True:
        kind, head, body = await _message(server)
        if not session.answered(kind, body):
            return
        to_client.write(head + body)
        if kind == b"Z":
            await to_client.drain()
            session.heard()
