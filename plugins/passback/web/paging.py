"""Lists by the page: which part of a list is shown, and the addresses of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query

from passback.web.shell import address

# A page's number as it comes in an address.
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list stands: the page's route and its other parameters, and the list's own parameter and anchor."""

    route: str
    parameters: Mapping[str, object]
    name: str

    def address(self, number: int) -> str:
        """The address of the list's page `number`; the first one has no number."""
        own = {self.name: number if number > 1 else None}
        return f"{address(self.route, **{**self.parameters, **own})}#{self.name}"


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list of `found` rows, numbered from 1."""

    rows: list[dict[str, Any]]
    found: int
    number: int
    size: int
    place: Place

    @property
    def first(self) -> int:
        """The number of the first row shown."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return min(self.number * self.size, self.found)

    @property
    def previous(self) -> str | None:
        """The address of the page before, None on the first."""
        return self.place.address(self.number - 1) if self.number > 1 else None

    @property
    def next(self) -> str | None:
        """The address of the page after, None on the last."""
        return self.place.address(self.number + 1) if self.last < self.found else None


def listed(
    fetch: Callable[[int, int], list[dict[str, Any]]],
    place: Place,
    number: int,
    size: int,
    found: int | None = None,
) -> Listed:
    """Page `number` of what `fetch(limit, offset)` gives; the first one where the list ends before it.

    `found`: the rows in all; where it is not given, each row says it in a column `found`.
    """
    rows = fetch(size, (number - 1) * size)
    if not rows and number > 1:
        number, rows = 1, fetch(size, 0)
    if found is None:
        found = int(rows[0]["found"]) if rows else 0
    return Listed(rows, found, number, size, place)


def sliced(rows: list[dict[str, Any]], place: Place, number: int, size: int) -> Listed:
    """The same for rows that are all at hand."""
    return listed(lambda limit, offset: rows[offset : offset + limit], place, number, size, len(rows))
