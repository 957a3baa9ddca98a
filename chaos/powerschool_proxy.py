"""A proxy before PowerSchool that sees each write, its answer, and the process that sends it (HTTP/1.1, keep-alive)."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from chaos.peers import pid_of_tcp, reset
from chaos.places import Moment, Passages, Peer, Place
from sandbox.faults import WRITES
from sandbox.powerschool.resources import kind_of

LONGEST_HEAD = 1 << 20


async def serve(points: Passages, host: str, port: int, listen_port: int) -> asyncio.Server:
    """Listens on 127.0.0.1 for the server at `host:port`."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _connection(points, host, port, reader, writer)
        reset(writer)

    return await asyncio.start_server(connected, "127.0.0.1", listen_port, limit=LONGEST_HEAD)


async def _connection(
    points: Passages, host: str, port: int, client: asyncio.StreamReader, to_client: asyncio.StreamWriter
) -> None:
    if points.is_refused("write"):
        return
    server, to_server = await asyncio.open_connection(host, port, limit=LONGEST_HEAD)

    def close() -> None:
        reset(to_client)
        reset(to_server)

    client_port = int(to_client.get_extra_info("peername")[1])
    peer = Peer(lambda: pid_of_tcp(client_port), close)
    points.peers["write"].add(peer)
    try:
        while await _exchange(points, peer, (client, to_client), (server, to_server)):
            pass
    finally:
        points.peers["write"].discard(peer)
        reset(to_server)


async def _exchange(
    points: Passages,
    peer: Peer,
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> bool:
    """One request and its answer; whether the connection goes on."""
    request, first = await _whole(client[0])
    method, target, _ = first.split(" ", 2)
    kind = kind_of(method, target.partition("?")[0])
    what = f"write {kind}"
    scope, number = points.number(what) if kind in WRITES else ("", 0)

    def passes(moment: Moment) -> bool:
        return not number or points.pass_by(Place(scope, what, number, moment), peer)

    if not passes("before"):
        return False
    server[1].write(request)
    await server[1].drain()
    answer, _ = await _whole(server[0])
    if not passes("unheard"):
        return False
    client[1].write(answer)
    await client[1].drain()
    return passes("after")


async def _whole(reader: asyncio.StreamReader) -> tuple[bytes, str]:
    """One whole HTTP message, and its first line; our client and the sandbox both state the body's length."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if headers.get("transfer-encoding"):
        raise OSError("a body without its length")
    return head + await reader.readexactly(int(headers.get("content-length") or 0)), lines[0]
