"""Otus over HTTP: a collection's pages by cursor, each checked for its shape and turned into rows."""

from __future__ import annotations

import datetime as dt
import logging
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


class Page(msgspec.Struct, Generic[T]):
    """One answer of `GET /v1/{collection}`; `total` is of the whole answer, and may be missing."""

    data: list[T]
    next_cursor: Annotated[str, msgspec.Meta(min_length=1)] | None
    server_time: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    total: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Pages:
    """All six collections of one extraction over HTTP, asked for what changed since `since` (None: everything)."""

    transport = "http"

    def __init__(self, client: OtusClient, since: dt.datetime | None, page_size: int) -> None:
        """Nothing is asked yet; `page_size` is the upper limit of records in one answer."""
        self.client = client
        self.asked_since = since
        self.page_size = page_size
        self.declared: dict[str, int | None] = {}
        self.source_time: dt.datetime | None = None

    @property
    def full_listing(self) -> bool:
        """Whether everything was asked for."""
        return self.asked_since is None

    # Deleted objects stay in Otus's listings: what a listing lacks is not gone.
    tells_deleted = False

    def rows(self, name: str) -> Iterator[Rows]:
        """The rows of one collection, page by page; raises Terminal or Transient, naming collection and page."""
        reader = _Reader(COLLECTIONS[name])
        cursor: str | None = None
        cursors: set[str | None] = set()
        contents: dict[int, int] = {}
        number = 0
        while number == 0 or cursor is not None:
            number += 1
            body = self.client.page(name, number, self._query(cursor))
            page, rows = reader.read(body, number)
            if number == 1:
                self.declared[name] = page.total
                self.source_time = min(self.source_time or page.server_time, page.server_time)
            cursor = page.next_cursor
            if cursor in cursors:
                raise Terminal(
                    f"Otus: page {number} of {name} names a next page that was read before: its listing would never "
                    "end. Report it to Otus; nothing of this extraction was kept."
                )
            cursors.add(cursor)
            twin = contents.setdefault(hash(rows.text), number) if rows.received > 1 and rows.text else number
            if twin != number:
                raise Terminal(
                    f"Otus: page {number} of {name} holds the same records as page {twin}: others are missing. "
                    "Run again; if it stays, report it to Otus. Nothing of this extraction was kept."
                )
            yield rows

    def _query(self, cursor: str | None) -> dict[str, str]:
        query = {"limit": str(self.page_size)}
        if self.asked_since is not None:
            # Whole seconds, downwards: what is asked for twice does no harm, since `updated_since` is inclusive.
            query["updated_since"] = self.asked_since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if cursor is not None:
            query["cursor"] = cursor
        return query


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
            page = self._shape(body, number)
            places = (f"page {number}, record {position}" for position, _ in enumerate(page.data, start=1))
            return page, one_by_one(self.collection, zip(places, page.data, strict=True))
        return pages[0], rows

    def _shape(self, body: bytes, number: int) -> Page[msgspec.Raw]:
        try:
            return self.raw.decode(body)
        except msgspec.ValidationError as error:
            wrong = str(error)
        except UNREADABLE:
            wrong = "it is not JSON"
        raise Terminal(
            f"Otus: page {number} of {self.collection.name} is not a page of the contract ({wrong}). Check that the "
            "connection `otus` points to Otus's extract; nothing of this extraction was kept."
        )
