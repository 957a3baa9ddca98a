"""Pages of rows put together into one whole, although rows may come and go while they are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count

from passback.errors import Transient
from passback.powerschool.answers import UNAVAILABLE

Row = dict[str, str]

READINGS = 3
MOST_ROWS = 10_000_000


async def read_pages(
    where: str, size: int, page: Callable[[int], Awaitable[list[Row]]], *, twice: bool = False
) -> list[Row]:
    """All rows of `page(1)`, `page(2)` … up to the first that holds fewer than `size`.

    A row that stands on two pages has moved from one to the other while they were read: everything is read again, until
    no row does, or two readings are the same. A row that has gone moves others over to a page already read, which
    nothing shows: with `twice` several pages count only where a second reading is the same. Raises Transient where
    pages repeat, never end, or are not the same in three readings.
    """
    before: list[Row] | None = None
    for _ in range(READINGS):
        rows, pages, overlap = await _reading(where, size, page)
        if rows == before or pages == 1 or not (overlap or twice):
            return rows
        before = rows
    raise Transient(
        f"PowerSchool's pages of {where} shifted while they were read, {READINGS} times: set `[batches] "
        "powerquery_page` to 0 where the plugin allows it.", UNAVAILABLE,
    )  # fmt: skip


async def _reading(where: str, size: int, page: Callable[[int], Awaitable[list[Row]]]) -> tuple[list[Row], int, bool]:
    """One reading: its rows, how many pages they came on, and whether a row stands on two of them."""
    rows: list[Row] = []
    seen: set[int] = set()
    whole_pages: set[int] = set()
    overlap = False
    for number in count(1):
        found = await page(number)
        rows += found
        if len(found) < size:
            return rows, number, overlap or not seen.isdisjoint(map(_mark, found))
        marks = [_mark(row) for row in found]
        if hash(tuple(marks)) in whole_pages:
            raise Transient(f"PowerSchool gave a page of {where} twice (page {number}).", UNAVAILABLE)
        whole_pages.add(hash(tuple(marks)))
        overlap = overlap or not seen.isdisjoint(marks)
        seen.update(marks)
        if len(rows) > MOST_ROWS:
            raise Transient(f"PowerSchool gave over {MOST_ROWS:,} rows of {where}, without an end.", UNAVAILABLE)
    raise AssertionError("counting ends nowhere")


def _mark(row: Row) -> int:
    return hash(frozenset(row.items()))
