"""The log of every request that a server saw: kept raw and cheap, decoded only when somebody reads it."""

import time
from typing import Any

import msgspec


class LoggedRequest(msgspec.Struct, gc=False):
    """One request; `status` is 0 for a dropped connection and null while it is under way."""

    number: int
    at: float
    method: str
    path: str
    query: dict[str, str]
    kind: str
    body: bytes
    status: int | None = None
    fault: str = ""

    def readable(self) -> dict[str, Any]:
        """Give the entry as JSON values, its body decoded where it is JSON (credentials are never logged)."""
        entry = msgspec.to_builtins(self)
        try:
            entry["body"] = msgspec.json.decode(self.body) if self.body else None
        except msgspec.DecodeError:
            entry["body"] = self.body.decode(errors="replace")
        return dict(entry)


class RequestLog:
    """All requests in the order of their arrival."""

    def __init__(self) -> None:
        """Begin empty, with bodies kept."""
        self.entries: list[LoggedRequest] = []
        self.keep_bodies = True
        self._next = 1

    def arrived(self, method: str, path: str, query: dict[str, str], kind: str, body: bytes) -> LoggedRequest:
        """Record a request on its arrival; the caller sets `status` when it is answered."""
        kept = body if self.keep_bodies else b""
        entry = LoggedRequest(self._next, time.time(), method, path, query, kind, kept)
        self._next += 1
        self.entries.append(entry)
        return entry

    def clear(self) -> None:
        """Forget all entries; numbers go on rising."""
        self.entries = []

    def read(self, method: str | None = None, path_prefix: str = "", kind: str = "") -> list[dict[str, Any]]:
        """Give the entries that match, oldest first."""
        return [
            entry.readable()
            for entry in self.entries
            if (method is None or entry.method == method)
            and entry.path.startswith(path_prefix)
            and (not kind or entry.kind == kind or entry.kind.startswith(kind + ":"))
        ]

    def counts(self) -> dict[str, int]:
        """Count the requests by kind: what a benchmark prints, without decoding a body."""
        counted: dict[str, int] = {}
        for entry in self.entries:
            counted[entry.kind] = counted.get(entry.kind, 0) + 1
        return dict(sorted(counted.items()))
