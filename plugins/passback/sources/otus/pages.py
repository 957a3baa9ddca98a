"""Otus over HTTP: a collection's pages by cursor, each checked for its shape and turned into rows."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterator
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from passback.errors import Terminal
from passback.hooks.otus import OtusClient
from passback.sources.fields import UNREADABLE
from passback.sources.otus.records import Rows, UnsureError, one_by_one, typed
from passback.sources.otus.staging import COLLECTIONS, Collection

log = logging.getLogger(__name__)

T = TypeVar("T")

# What no clock of a server shows, and the next extraction could not go on from.
CLOCKS = (dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2200, 1, 1, tzinfo=dt.UTC))
LARGEST_COUNT = 2**63 - 1
# So many pages in a row without a record that was not there before: the listing would never end.
MOST_IDLE_PAGES = 100
MOST_PAGES = 100_000
# An extraction that takes longer would keep the other source's scores from PowerSchool until the morning.
LONGEST_SECONDS = 7200.0


class Page(msgspec.Struct, Generic[T]):
    """One answer of `GET /v1/{collection}`; `total` is of the whole answer, and may be missing."""

    data: list[T]
    next_cursor: Annotated[str, msgspec.Meta(min_length=1)] | None
    server_time: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    total: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_COUNT)] | None = None


class Pages:
    """All six collections of one extraction over HTTP, asked for what changed since `since` (None: everything)."""

    transport = "http"

    def __init__(
        self, client: OtusClient, since: dt.datetime | None, page_size: int, longest_seconds: float = LONGEST_SECONDS
    ) -> None:
        """Nothing is asked yet; `page_size` is the upper limit of records in one answer."""
        self.client = client
        self.asked_since = since
        self.page_size = page_size
        self.declared: dict[str, int | None] = {}
        self.source_time: dt.datetime | None = None
        self._ends = time.monotonic() + longest_seconds
        self._opened: bytes | None = None

    def server_time(self) -> dt.datetime:
        """Otus's clock, by the first page of all, which is read now and kept for `rows`."""
        name, collection = next(iter(COLLECTIONS.items()))
        self._opened = self._page(name, 1, None)
        return _Reader(collection).read(self._opened, 1)[0].server_time

    def ask_anew(self, since: dt.datetime | None) -> None:
        """Asks for what changed since another moment, from the first page on."""
        self.asked_since, self._opened = since, None

    @property
    def full_listing(self) -> bool:
        """Whether everything was asked for."""
        return self.asked_since is None

    # Deleted objects stay in Otus's listings: what a listing lacks is not gone.
    tells_deleted = False

    def rows(self, name: str) -> Iterator[Rows]:
        """The rows of one collection, page by page; raises Terminal or Transient, naming collection and page.

        Declared is the largest total that a page tells: a listing that grows while it is read has as many records, and
        one that shrinks may have let a record slip from a later page to one that was read.
        """
        reader, seen = _Reader(COLLECTIONS[name]), _Seen(name)
        cursor: str | None = None
        number = 0
        self.declared[name] = None
        while number == 0 or cursor is not None:
            number += 1
            page, rows = reader.read(self._page(name, number, cursor), number)
            if number == 1:
                self.source_time = min(self.source_time or page.server_time, page.server_time)
            if page.total is not None:
                self.declared[name] = max(self.declared[name] or 0, page.total)
            seen.check(number, page.next_cursor, rows)
            cursor = page.next_cursor
            yield rows

    def _page(self, name: str, number: int, cursor: str | None) -> bytes:
        if self._opened is not None:
            opened, self._opened = self._opened, None
            return opened
        if time.monotonic() > self._ends:
            raise Terminal(
                f"Otus: page {number} of {name} is not asked for any more: the extraction has taken too long. Ask Otus "
                "why it is so slow; nothing of this extraction was kept, the next one asks for the same again."
            )
        return self.client.page(name, number, self._query(cursor))

    def _query(self, cursor: str | None) -> dict[str, str]:
        query = {"limit": str(self.page_size)}
        if self.asked_since is not None:
            # Whole seconds, downwards: what is asked for twice does no harm, since `updated_since` is inclusive.
            query["updated_since"] = self.asked_since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if cursor is not None:
            query["cursor"] = cursor
        return query


class _Seen:
    """What came of one collection so far, as far as it takes to see that its listing would never end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._cursors: set[str] = set()
        self._contents: dict[int, int] = {}
        self._idle = 0

    def check(self, number: int, cursor: str | None, rows: Rows) -> None:
        """Raises Terminal where this page, or the one that it names as the next, came before."""
        if cursor is not None and cursor in self._cursors:
            raise self._endless(number, "names a next page that was read before")
        if cursor is not None:
            self._cursors.add(cursor)
        twin = self._contents.setdefault(hash(rows.text), number) if rows.text else number
        if twin != number and rows.received > 1:
            raise Terminal(
                f"Otus: page {number} of {self._name} holds the same records as page {twin}: others are missing. "
                "Run again; if it stays, report it to Otus. Nothing of this extraction was kept."
            )
        self._idle = self._idle + 1 if twin != number or not rows.received else 0
        if self._idle >= MOST_IDLE_PAGES:
            raise self._endless(number, f"is the last of {MOST_IDLE_PAGES} without a new record, and names a next one")
        if number >= MOST_PAGES and cursor is not None:
            raise self._endless(number, "is not the last one")

    def _endless(self, number: int, what: str) -> Terminal:
        return Terminal(
            f"Otus: page {number} of {self._name} {what}: its listing would never end. Report it to Otus; nothing of "
            "this extraction was kept."
        )


class _Reader:
    """Reads the pages of one collection."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.typed = msgspec.json.Decoder(Page[collection.record])  # type: ignore[name-defined]
        self.raw = msgspec.json.Decoder(Page[msgspec.Raw])

    def read(self, body: bytes, number: int) -> tuple[Page[Any], Rows]:
        """One page and its rows; raises Terminal where the answer is no page."""
        pages: list[Page[Any]] = []

        def decode(given: bytes) -> list[Any]:
            pages.append(self.typed.decode(given))
            return pages[0].data

        try:
            rows = typed(self.collection, body, decode)
        except UnsureError:
            page = self._in_time(self._shape(body, number), number)
            places = (f"page {number}, record {position}" for position, _ in enumerate(page.data, start=1))
            return page, one_by_one(self.collection, zip(places, page.data, strict=True))
        return self._in_time(pages[0], number), rows

    def _in_time(self, page: Page[Any], number: int) -> Page[Any]:
        if not CLOCKS[0] <= page.server_time < CLOCKS[1]:
            raise self._no_page(number, "its `server_time` is one that no clock shows")
        return page

    def _shape(self, body: bytes, number: int) -> Page[msgspec.Raw]:
        try:
            return self.raw.decode(body)
        except msgspec.ValidationError as error:
            wrong = str(error)
        except UNREADABLE:
            wrong = "it is not JSON"
        raise self._no_page(number, wrong)

    def _no_page(self, number: int, wrong: str) -> Terminal:
        return Terminal(
            f"Otus: page {number} of {self.collection.name} is not a page of the contract ({wrong}). Check that the "
            "connection `otus` points to Otus's extract; nothing of this extraction was kept."
        )
