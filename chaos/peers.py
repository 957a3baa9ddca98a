"""Which process is at the other end of a socket, and how a connection is reset: Linux's own answers."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from pathlib import Path

PEER_CREDENTIALS = struct.Struct("3i")


def pid_of_unix(sock: socket.socket) -> int | None:
    """The process that connected a unix socket."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER_CREDENTIALS.size)
    return int(PEER_CREDENTIALS.unpack(raw)[0]) or None


def pid_of_tcp(port: int) -> int | None:
    """The process whose IPv4 socket has this local port; None where there is none any more."""
    inode = _inode(port)
    if inode is None:
        return None
    link = f"socket:[{inode}]"
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid() and _holds(folder / "fd", link):
            return int(folder.name)
    return os.getpid() if _holds(Path("/proc/self/fd"), link) else None


def _inode(port: int) -> str | None:
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if int(fields[1].rpartition(":")[2], 16) == port and fields[9] != "0":
            return fields[9]
    return None


def _holds(folder: Path, link: str) -> bool:
    try:
        return any(str(entry.readlink()) == link for entry in folder.iterdir())
    except OSError:
        return False


def reset(writer: asyncio.StreamWriter) -> None:
    """Breaks a connection at once, as a dying host does; what was not sent yet is lost."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.family != socket.AF_UNIX and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
