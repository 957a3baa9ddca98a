"""What every extraction has in common: one at a time per source, transactions, a rising number, counts, a cursor."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from passback import database
from passback.database import Connection
from passback.errors import Terminal, Transient

log = logging.getLogger(__name__)

# How long an extraction waits for another one of the same source.
LOCK_WAIT_SECONDS = 900
# Clocks are put right by little, and an answer takes its time: a clock that lost less has not gone back.
CLOCK_SLACK = dt.timedelta(seconds=60)
# From so many changed rows in one table the planner's knowledge is refreshed.
ANALYSE_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Count:
    """One collection of one extraction: `declared` is None where the source said nothing."""

    collection: str
    declared: int | None
    received: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Held:
    """A source's lock over several transactions, held by a session of its own, and the connection for these."""

    connection: Connection
    lock: Connection

    def commit(self) -> None:
        """Keeps what was done since the last commit; raises where the lock's session has ended."""
        self.lock.execute("select 1")
        self.connection.commit()


@contextmanager
def transaction(uri: str | None, source: str) -> Iterator[Connection]:
    """One transaction that holds the source's lock; nothing of it is kept unless its block ends well.

    Raises Transient where another extraction holds the lock for too long, or the database fails on the way; Terminal
    where it cannot store something.
    """
    with _told(source, "nothing of it was kept"), database.connect(uri, doing=_doing(source)) as connection:
        _lock(connection, source, "lock")
        yield connection


@contextmanager
def held(uri: str | None, source: str) -> Iterator[Held]:
    """The source's lock for the whole block, in which what is committed is kept; raises as `transaction` does."""
    with (
        _told(source, "what was read before is kept"),
        database.connect(uri, autocommit=True, doing=_doing(source)) as lock,
        database.connect(uri, doing=_doing(source)) as connection,
    ):
        _lock(lock, source, "hold")
        yield Held(connection, lock)


def _doing(source: str) -> str:
    return f"while {source} was extracted"


@contextmanager
def _told(source: str, kept: str) -> Iterator[None]:
    try:
        yield
    except psycopg.DataError as error:
        # Its own message would show the value.
        raise Terminal(
            f"{source} sent something that the district's database cannot store ({type(error).__name__}): {kept}; "
            "tell the maintainers."
        ) from None


def _lock(connection: Connection, source: str, form: str) -> None:
    lock = f"extract:{source}"
    if database.one(connection, f"extraction_try_{form}", lock=lock)["held"]:
        return
    log.info("another extraction of %s is under way: waiting for it, %d s at most", source, LOCK_WAIT_SECONDS)
    try:
        database.run(connection, f"extraction_{form}", lock=lock, wait=f"{LOCK_WAIT_SECONDS}s")
    except psycopg.errors.LockNotAvailable:
        raise Transient(
            f"Another extraction of {source} has been under way for over {LOCK_WAIT_SECONDS} s: nothing was read. "
            "Wait for the other run, or end it."
        ) from None


def begin(
    connection: Connection, source: str, run_key: int, *, transport: str, full_listing: bool,
    asked_since: dt.datetime | None = None, source_time: dt.datetime | None = None,
) -> int:  # fmt: skip
    """The number of a new extraction: higher than that of every extraction of the source before it."""
    return int(
        database.one(
            connection, "extraction_begin", source=source, run_key=run_key, transport=transport,
            full_listing=full_listing, asked_since=asked_since, source_time=source_time,
        )["seq"]
    )  # fmt: skip


def finish(
    connection: Connection, seq: int, *, source: str, run_key: int, counts: Mapping[str, Count],
    source_time: dt.datetime | None = None,
) -> None:  # fmt: skip
    """Writes the counts of the collections, closes the extraction, and tells the run that the source was read."""
    database.copy_in(
        connection, "passback.extraction_count", ("seq", "collection", "declared", "received", "quarantined"),
        ((seq, each.collection, each.declared, each.received, each.quarantined) for each in counts.values()),
    )  # fmt: skip
    database.run(connection, "extraction_finish", seq=seq, source=source, run_key=run_key, source_time=source_time)
