"""What every stage of a unit's delivery shares: the records, PowerSchool, the limits, and how an item ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from passback.delivery.records import Records
from passback.delivery.work import Item, Unit, WindowClosed, told
from passback.powerschool.client import PowerSchool

Result = TypeVar("Result")


@dataclass(slots=True)
class Courier:
    """One unit on its way: its records (a worker's own connection), the client, and the run's limits."""

    unit: Unit
    records: Records
    powerschool: PowerSchool
    window_ends_at: datetime
    settle_seconds: int
    recreate_deleted: bool
    query_page: int
    _categories: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)

    async def db(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Runs one transaction beside the event loop, to its end: until then nobody else may use the connection."""
        running = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    def check_window(self) -> None:
        """Raises WindowClosed where the night's time for sending is over."""
        if datetime.now(UTC) >= self.window_ends_at:
            raise WindowClosed

    async def categories(self, users_dcid: int, year_id: int) -> list[dict[str, Any]]:
        """The teacher's categories, asked for once a unit: a create or a change of category relies on them."""
        key = (users_dcid, year_id)
        if key not in self._categories:
            self._categories[key] = await self.powerschool.teacher_categories(users_dcid, year_id)
        return self._categories[key]

    async def active_category(self, item: Item) -> int | None:
        """The acting teacher's active copy of the item's category, or None."""
        for category in await self.categories(item.users_dcid, item.year_id):
            if category.get("name") == item.ours.category and category.get("isactive") in (True, "true"):
                return int(category["teachercategoryid"])
        return None

    async def end(self, item: Item, code: str, answer: str = "", attempts: int = 0, message: str | None = None) -> None:
        """Ends an item with a refusal or a hold; its scores follow it."""
        await self.end_all([item], code, answer, attempts, message)

    async def end_all(
        self, items: Iterable[Item], code: str, answer: str = "", attempts: int = 0, message: str | None = None
    ) -> None:
        """Ends several items with one code (see `end`)."""
        from passback.errors import catalogue

        state = "held" if catalogue()[code].severity == "held" else "refused"
        words = message if message is not None else (told(code, answer) if "{" in catalogue()[code].message else None)
        ended = list(items)
        for item in ended:
            item.ended = True
        await self.db(
            self.records.settle_plan,
            [
                {"item_key": item.item_key, "state": state, "code": code, "message": words, "attempts": attempts}
                for item in ended
            ],
        )
