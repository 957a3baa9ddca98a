"""PowerSchool's roster: sections, teachers, categories, enrolments and periods by the plugin's named queries.

One call per school and query (docs/powerschool-plugin.md), several under way at once; the rows replace those of the
schools that were read, in one transaction, and what did not change is not touched.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any, Protocol

from psycopg import sql

from passback import database, extraction
from passback.database import Connection
from passback.errors import Terminal
from passback.extraction import Count
from passback.powerschool.client import Refused
from passback.powerschool.roster_rows import QUERIES, SCHOOLS, Lines, Query, read
from passback.settings import Settings
from passback.settings.kinds import canonical_id

log = logging.getLogger(__name__)

SOURCE = "powerschool"
PREFIX = "org.passback.gradebook."
# How many schools are read at once where the caller does not say.
AT_ONCE = 4

_QUARANTINE = ("school_number", "collection", "place", "source_id", "field", "found_type", "reason")


class Client(Protocol):
    """What the roster needs of the PowerSchool client: all rows of a named query, values as texts, nulls left out."""

    async def query(self, name: str, args: dict[str, Any], page_size: int = 0) -> list[dict[str, str]]:
        """The rows of a named query, in one answer where `page_size` is 0."""


async def extract_roster(
    uri: str | None, run_key: int, client: Client, settings: Settings, schools: Sequence[str] | None,
    year: tuple[dt.date, dt.date], *, at_once: int = AT_ONCE,
) -> dict[str, Any]:  # fmt: skip
    """Reads the roster of a school year (its first and last day) into staging, of all schools or of those named.

    `at_once`: how many requests may be under way. Returns `seq`, the numbers of the `schools` read and per query
    `received` and `quarantined`. Raises Terminal or Transient, and then nothing of it is kept.
    """
    days = {"first_day": year[0].isoformat(), "last_day": year[1].isoformat()}
    with extraction.transaction(uri, SOURCE) as connection:
        reading = _Reading(connection, client, settings.batches.powerquery_page, days)
        seq = extraction.begin(connection, SOURCE, run_key, transport="http", full_listing=schools is None)
        database.run(connection, "roster_incoming")
        chosen = await reading.choose(schools)
        await reading.all_of(chosen, at_once)
        _replace(connection, seq, chosen, whole=schools is None)
        counts = {
            name: Count(name, None, reading.received[name], reading.quarantined[name]) for name in reading.received
        }
        extraction.finish(connection, seq, source=SOURCE, run_key=run_key, counts=counts)
    return {
        "seq": seq, "schools": chosen,
        "queries": {
            name: {"received": each.received, "quarantined": each.quarantined} for name, each in counts.items()
        },
    }  # fmt: skip


class _Reading:
    """The queries of one extraction; each answer goes into its temporary table as soon as it is there."""

    def __init__(self, connection: Connection, client: Client, page_size: int, days: dict[str, str]) -> None:
        self.connection = connection
        self.client = client
        self.page_size = page_size
        self.days = days
        self.received = dict.fromkeys((SCHOOLS.name, *(query.name for query in QUERIES)), 0)
        self.quarantined = dict(self.received)

    async def choose(self, named: Sequence[str] | None) -> list[str]:
        """The numbers of the schools to read; raises Terminal where a named one is not PowerSchool's."""
        found = read(SCHOOLS, "", await self._rows(SCHOOLS, {}))
        known = list(dict.fromkeys(found.keys))
        wanted = known if named is None else list(dict.fromkeys(canonical_id(number) for number in named))
        if unknown := [number for number in wanted if number not in known]:
            raise Terminal(
                f"PowerSchool has no school {', '.join(unknown)} in this school year; it has: "
                f"{', '.join(known) or 'none'}. Correct the parameter `schools`."
            )
        kept = set(wanted)
        found.good = [line for number, line in zip(found.keys, found.good, strict=True) if number in kept]
        self._load(SCHOOLS, found)
        self.received[SCHOOLS.name] = len(found.good) + len(found.bad)
        return wanted

    async def all_of(self, schools: Sequence[str], at_once: int) -> None:
        """Every query of every school, at most `at_once` requests under way; the first failure ends all."""
        turns = asyncio.Semaphore(at_once)

        async def one(school: str, query: Query) -> None:
            async with turns:
                rows = await self._rows(query, {"school_number": school})
                self.received[query.name] += len(rows)
                self._load(query, read(query, school, rows))

        try:
            async with asyncio.TaskGroup() as group:
                for school in schools:
                    for query in QUERIES:
                        group.create_task(one(school, query))
        except ExceptionGroup as failures:
            raise _worst(failures) from None

    async def _rows(self, query: Query, arguments: dict[str, str]) -> list[dict[str, str]]:
        try:
            return await self.client.query(PREFIX + query.name, arguments | self.days, self.page_size)
        except Refused as refused:
            raise Terminal(
                f"PowerSchool refused the query {PREFIX}{query.name}: {refused} Check that the plugin is installed and "
                "enabled in PowerSchool, in its present version.", refused.code,
            ) from None  # fmt: skip

    def _load(self, query: Query, lines: Lines) -> None:
        self.quarantined[query.name] += len(lines.bad)
        _copy(self.connection, query.incoming, query.table_columns, lines.good)
        _copy(self.connection, "incoming_quarantine", _QUARANTINE, lines.bad)


def _replace(connection: Connection, seq: int, schools: Sequence[str], *, whole: bool) -> None:
    scope = {"seq": seq, "schools": list(schools), "whole": whole}
    changed = {}
    for name in (SCHOOLS.name, *(query.name for query in QUERIES)):
        changed[name] = database.run(connection, f"roster_{name}_replace", **scope)
        log.info("roster %s: %s rows are new or changed", name, f"{changed[name]:,}")
    if max(changed.values()) >= extraction.ANALYSE_ROWS:
        database.run(connection, "roster_analyze")
    database.run(connection, "roster_quarantine_replace", **scope)


def _worst(failures: ExceptionGroup[Exception]) -> Exception:
    """Of several requests that failed together the one that will not pass by itself, else the first."""
    return next((each for each in failures.exceptions if isinstance(each, Terminal)), failures.exceptions[0])


def _copy(connection: Connection, table: str, columns: Sequence[str], lines: Sequence[str]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)
    if lines:
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            copy.write("".join(lines))
