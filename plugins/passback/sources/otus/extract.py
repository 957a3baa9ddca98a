"""The extraction of Otus: everything that it tells, into temporary tables first, and into staging only as a whole."""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from collections.abc import Iterator
from typing import Any, Protocol

from passback import database, extraction
from passback.database import Connection
from passback.errors import Terminal
from passback.extraction import Count
from passback.hooks.otus import OtusHook, RequestCounts
from passback.settings import Settings
from passback.sources.copying import QUARANTINE_COLUMNS, copy_file, copy_into, quarantine_lines
from passback.sources.otus.export import Export
from passback.sources.otus.pages import Pages
from passback.sources.otus.records import Rows
from passback.sources.otus.staging import COLLECTIONS, Collection

log = logging.getLogger(__name__)

SOURCE = "otus"
STEP = "extract otus"
PROGRESS_ROWS = 100_000
QUARANTINE_BYTES = 1 << 20


class Reading(Protocol):
    """One of Otus's transports, about to be read collection by collection; see `Pages` and `Export`."""

    transport: str
    asked_since: dt.datetime | None
    declared: dict[str, int | None]
    source_time: dt.datetime | None

    @property
    def full_listing(self) -> bool:
        """Whether everything is read, not only what changed."""

    @property
    def tells_deleted(self) -> bool:
        """Whether what is not there is gone."""

    def rows(self, name: str) -> Iterator[Rows]:
        """The rows of one collection, block by block."""


def extract_otus(
    uri: str | None, run_key: int, settings: Settings, dry_run: bool, requests: RequestCounts | None = None
) -> dict[str, Any]:
    """Reads Otus into staging in one transaction; the cursor moves with the rows, and not in a dry run.

    `requests`, where given, is counted up as requests are made, so that the caller has them after a failure too.
    Returns `seq`, `transport`, `full`, `cursor_moved`, the `requests` made, and per collection `declared` (or None),
    `received` and `quarantined`. Raises Terminal or Transient, and then nothing of it is kept.
    """
    counted = requests if requests is not None else RequestCounts()
    with extraction.transaction(uri, SOURCE) as connection:
        database.run(connection, "run_notes_clear", run_key=run_key, step=STEP)
        reading = _reading(connection, run_key, settings, OtusHook(counts=counted))
        _refuse_older(connection, reading)
        seq = extraction.begin(
            connection, SOURCE, run_key, transport=reading.transport, full_listing=reading.full_listing,
            asked_since=reading.asked_since, source_time=reading.source_time,
        )  # fmt: skip
        counts = _staged(connection, reading, seq)
        extraction.finish(
            connection, seq, source=SOURCE, run_key=run_key, counts=counts, source_time=reading.source_time
        )
        moved = not dry_run and _move_cursor(connection, reading, counts, seq)
    return {
        "seq": seq, "transport": reading.transport, "full": reading.full_listing, "cursor_moved": moved,
        "requests": {"total": counted.total, "retried": counted.retried, "throttled": counted.throttled},
        "collections": {
            name: {"declared": each.declared, "received": each.received, "quarantined": each.quarantined}
            for name, each in counts.items()
        },
    }  # fmt: skip


def _reading(connection: Connection, run_key: int, settings: Settings, hook: OtusHook) -> Reading:
    path = hook.files_path
    if path is not None:
        log.info("reading Otus's export at %s", path)
        return Export(path)
    since = database.one(connection, "extraction_cursor", source=SOURCE)["updated_since"]
    pages = Pages(hook.get_conn(), since, settings.batches.otus_page)
    if since is not None and (message := _clock_went_back(connection, pages, since)):
        database.run(connection, "run_note_add", run_key=run_key, step=STEP, message=message)
        log.warning("%s", message)
    log.info(
        "asking Otus for %s", f"what changed since {_utc(pages.asked_since)}" if pages.asked_since else "everything"
    )
    return pages


def _clock_went_back(connection: Connection, pages: Pages, since: dt.datetime) -> str:
    """Asks from earlier where Otus's clock went back since the cursor was set: what is new may be stamped before it.

    Gives what the run's reader should know, or ''.
    """
    now = pages.server_time()
    lost: dt.timedelta = database.one(connection, "extraction_clock_lost", source=SOURCE, server_time=now)["lost"]
    if lost <= extraction.CLOCK_SLACK and now >= since:
        return ""
    earlier = since - lost - extraction.CLOCK_SLACK
    # Where ours went back as well, nothing tells how far.
    pages.ask_anew(earlier if earlier <= now and lost > extraction.CLOCK_SLACK else None)
    return (
        f"Otus's clock is {_utc(now)} and has gone back since the last extraction, which went up to {_utc(since)}: it "
        f"was asked for {f'what changed since {_utc(pages.asked_since)}' if pages.asked_since else 'everything'}, so "
        "that nothing is missed. Have Otus's clock looked at if this stays."
    )


def _refuse_older(connection: Connection, reading: Reading) -> None:
    """An export that is older than what staging holds would bring back what was changed since."""
    last = database.one(connection, "extraction_last_time", source=SOURCE)["source_time"]
    if reading.transport == "files" and reading.source_time and last and reading.source_time < last:
        raise Terminal(
            f"Otus's export of {_utc(reading.source_time)} is older than what was last taken in ({_utc(last)}): it was "
            "not read. Put a newer export in its place."
        )


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def _staged(connection: Connection, reading: Reading, seq: int) -> dict[str, Count]:
    """Reads every collection, and only then merges them all."""
    database.run(connection, "otus_incoming")
    received = {name: _load(connection, each, reading) for name, each in COLLECTIONS.items()}
    changed = {}
    for name in COLLECTIONS:
        changed[name] = database.run(connection, f"otus_{name}_merge", seq=seq, tells_deleted=reading.tells_deleted)
        log.info("otus %s: %s of %s rows are new or changed", name, f"{changed[name]:,}", f"{received[name]:,}")
    if max(changed.values()) >= extraction.ANALYSE_ROWS:
        database.run(connection, "otus_analyze")
    found = {row["collection"]: row for row in database.rows(connection, "otus_counts", seq=seq)}
    return {
        name: Count(
            name, reading.declared[name], _settled(reading.declared[name], received[name], found[name]["repeated"]),
            found[name]["quarantined"],
        )
        for name in COLLECTIONS
    }  # fmt: skip


def _settled(declared: int | None, received: int, repeated: int) -> int:
    """What arrived; a record that came twice counts once where that is what the source declared.

    A record that changes while a listing is paged moves to its end and comes again, and the total does not grow.
    """
    return received - repeated if received - repeated == declared else received


def _load(connection: Connection, collection: Collection, reading: Reading) -> int:
    """Streams one collection into its temporary table, its bad records behind it; returns how many objects came."""
    received = 0
    with tempfile.SpooledTemporaryFile(QUARANTINE_BYTES, "w+", encoding="utf-8") as quarantine:
        with connection.cursor() as cursor, cursor.copy(copy_into(collection.incoming, collection.columns)) as copy:
            for rows in reading.rows(collection.name):
                copy.write(rows.text)
                quarantine.writelines(quarantine_lines((collection.name,), rows.bad))
                if (received + rows.received) // PROGRESS_ROWS > received // PROGRESS_ROWS:
                    log.info("otus %s: %s rows so far", collection.name, f"{received + rows.received:,}")
                received += rows.received
        copy_file(connection, "incoming_quarantine", ("collection", *QUARANTINE_COLUMNS), quarantine)
    return received


def _move_cursor(connection: Connection, reading: Reading, counts: dict[str, Count], seq: int) -> bool:
    """The next extraction asks from this one's first server time, unless something that was declared did not come."""
    short = [each for each in counts.values() if each.declared is not None and each.declared != each.received]
    if reading.transport != "http" or short:
        return False
    database.run(connection, "extraction_move_cursor", source=SOURCE, seq=seq, updated_since=reading.source_time)
    return True
