"""Reads of the roster within the budget of all processes: every query takes a slot of the requests in flight."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

from passback import database
from passback.database import Connection
from passback.powerschool.budget import SharedBudget
from passback.powerschool.client import PowerSchool


class SlottedQueries:
    """The client's named queries, each under a slot that one of a few connections holds while it is under way."""

    def __init__(self, client: PowerSchool, budget: SharedBudget, connections: asyncio.Queue[Connection]) -> None:
        self._client, self._budget, self._connections = client, budget, connections

    async def query(self, name: str, args: dict[str, Any], page_size: int = 0) -> list[dict[str, str]]:
        """All rows of a named query (see `PowerSchool.query`)."""
        connection = await self._connections.get()
        try:
            async with self._budget.slot(connection):
                return await self._client.query(name, args, page_size)
        finally:
            self._connections.put_nowait(connection)


@asynccontextmanager
async def slotted(uri: str, client: PowerSchool, budget: SharedBudget, at_once: int) -> AsyncIterator[SlottedQueries]:
    """Opens the client and `at_once` connections for its slots."""
    with ExitStack() as opened:
        connections: asyncio.Queue[Connection] = asyncio.Queue()
        for _ in range(at_once):
            connections.put_nowait(opened.enter_context(database.connect(uri, autocommit=True)))
        async with client:
            yield SlottedQueries(client, budget, connections)
