"""The extraction of Schoology: a chunk of sections after the other, each committed with the place where it goes on."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from passback import database, extraction
from passback.errors import PassbackError, Terminal, Transient
from passback.extraction import Count, Held
from passback.hooks.patience import PATIENCE_SECONDS, RequestCounts
from passback.hooks.schoology import SchoologyHook
from passback.hooks.throttle import Throttle
from passback.settings import Settings
from passback.sources.schoology import notes
from passback.sources.schoology.chunk import Chunk, Wanted, window_seconds
from passback.sources.schoology.contract import COLLECTIONS
from passback.sources.schoology.listing import Listing
from passback.sources.schoology.reading import OutOfTimeError, Reader
from passback.sources.schoology.sections import find
from passback.sources.schoology.staging import Staging

log = logging.getLogger(__name__)

SOURCE = "schoology"
# A chunk fills its multi-gets, and what a crash loses of it is read again in a minute.
CHUNK_SECTIONS = 100
# After so long no further chunk begins: its sections are judged as last known, and go first in the next run.
SOFT_LIMIT_SECONDS = 3600.0
# And after so long more the chunk that is under way is given up.
LAST_CHUNK_SECONDS = 1800.0


@dataclass(slots=True)
class Tally:
    """What one collection's listings declared and brought; a listing that never came whole declares what it brought."""

    declared: int = 0
    received: int = 0
    says_totals: bool = False

    def add(self, listing: Listing) -> None:
        """Counts one more listing."""
        told = listing.complete and listing.declared is not None
        self.says_totals |= told
        self.declared += (listing.declared or 0) if told else listing.received
        self.received += listing.received


@dataclass(slots=True)
class Report:
    """What the extraction tells: counts by collection, and which sections were not refreshed, or not wholly."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {each.name: Tally() for each in COLLECTIONS})
    asked: int = 0
    read: int = 0
    swept: int = 0
    failed: dict[str, PassbackError] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)

    def add(self, listings: Sequence[Listing]) -> None:
        """Counts what these brought."""
        for each in listings:
            self.tallies[each.collection.name].add(each)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one call of `extract_schoology` is about."""

    run_key: int
    settings: Settings
    sections: list[int] | None
    schools: list[str] | None
    dry_run: bool
    ends: float

    @property
    def everything(self) -> bool:
        """Whether no section is left out."""
        return self.sections is None and self.schools is None


def extract_schoology(
    uri: str | None, run_key: int, settings: Settings, *, sections: Sequence[int] | None = None,
    schools: Sequence[str] | None = None, dry_run: bool = False, requests: RequestCounts | None = None,
    soft_limit_seconds: float = SOFT_LIMIT_SECONDS,
) -> dict[str, Any]:  # fmt: skip
    """Reads Schoology into staging, chunk by chunk; places move with their rows, and not in a dry run.

    `sections`: PowerSchool's section DCIDs, None for all of `schools` (None: of all), as the roster was last staged. A
    call for a run whose last call did not end goes on where that one was. `requests`, where given, is counted up as
    requests are made.
    Returns `seq`, `full` (every section was swept), numbers of sections `asked`, `read`, `swept`, `failed`,
    `incomplete` and `left` over, the `requests` made, and per collection `declared` (or None), `received` and
    `quarantined`. Raises Terminal or Transient where Schoology as a whole cannot be read; what was committed is kept.
    """
    counted = requests if requests is not None else RequestCounts()
    asked = Asked(
        run_key, settings, None if sections is None else list(sections), None if schools is None else list(schools),
        dry_run, time.monotonic() + soft_limit_seconds,
    )  # fmt: skip
    with extraction.held(uri, SOURCE) as held, _reader(uri, settings, counted, soft_limit_seconds) as reader:
        found = _Extraction(held, reader, asked).run()
    made = {"total": counted.total, "retried": counted.retried, "throttled": counted.throttled}
    return {**found, "requests": made}


@contextmanager
def _reader(uri: str | None, settings: Settings, counts: RequestCounts, soft_limit_seconds: float) -> Iterator[Reader]:
    with ExitStack() as opened:
        throttle = Throttle(
            uri or database.uri_from_airflow(), SOURCE, settings.schoology.requests_per_5_seconds, PATIENCE_SECONDS
        )
        opened.callback(throttle.close)
        client = SchoologyHook(counts=counts).get_conn(throttle)
        opened.callback(client.close)
        yield Reader(client, settings.batches.multiget, soft_limit_seconds + LAST_CHUNK_SECONDS)


class _Extraction:
    """One extraction under the source's lock."""

    def __init__(self, held: Held, reader: Reader, asked: Asked) -> None:
        self._held = held
        self._reader = reader
        self._asked = asked
        self._report = Report()
        self._server_time: dt.datetime | None = None

    def run(self) -> dict[str, Any]:
        """Everything, from its number to its end."""
        connection, run_key = self._held.connection, self._asked.run_key
        seq = extraction.begin(connection, SOURCE, run_key, transport="http", full_listing=self._asked.everything)
        resumed = database.one(connection, "schoology_resume", run_key=run_key, seq=seq)["seqs"]
        database.run(connection, "run_notes_clear", run_key=run_key, step=notes.STEP)
        self._held.commit()
        staging = Staging(connection, seq)
        codes = self._find(staging)
        self._read_all(staging, self._wanted(staging, codes, resumed))
        self._refuse_failure()
        return self._finish(staging, seq, codes)

    def _find(self, staging: Staging) -> list[str]:
        codes = [
            row["code"]
            for row in staging.rows("schoology_codes", schools=self._asked.schools, sections=self._asked.sections)
        ]
        log.info("asking Schoology for the sections of %s school codes", f"{len(codes):,}")
        found = find(self._reader, codes, self._asked.settings.batches.schoology_page)
        self._server_time = found.server_time
        self._report.add(found.listings)
        staging.merge_sections(found.listings, found.told, everything=self._asked.everything)
        self._held.commit()
        return codes

    def _wanted(self, staging: Staging, codes: list[str], resumed: list[int]) -> list[Wanted]:
        rows = staging.rows(
            "schoology_wanted", codes=codes, now=self._now, resumed=resumed,
            sweep_seconds=window_seconds(self._asked.settings.schoology.full_sweep_days),
        )  # fmt: skip
        if any(row["clock_lost"] for row in rows):
            log.warning("Schoology's clock has gone back since it was last read: grades are asked for from before that")
        wanted = [Wanted(row["section_id"], row["since"]) for row in rows if not row["is_read"]]
        self._report.asked = len(rows)
        self._report.read = len(rows) - len(wanted)
        if self._report.read:
            log.info("%s sections were read by this run before: going on behind them", f"{self._report.read:,}")
        return wanted

    @property
    def _now(self) -> dt.datetime:
        """Schoology's clock when it was first asked."""
        return self._server_time or dt.datetime.now(dt.UTC)

    def _read_all(self, staging: Staging, wanted: list[Wanted]) -> None:
        for first in range(0, len(wanted), CHUNK_SECTIONS):
            try:
                if time.monotonic() >= self._asked.ends:
                    raise OutOfTimeError
                self._read_chunk(staging, wanted[first : first + CHUNK_SECTIONS])
            except OutOfTimeError:
                self._held.connection.rollback()
                self._report.left = [each.section_id for each in wanted[first:]]
                log.warning("no time left: %s sections are judged as last known", f"{len(self._report.left):,}")
                return

    def _read_chunk(self, staging: Staging, wanted: list[Wanted]) -> None:
        chunk, report = Chunk(self._reader, staging, wanted, self._asked.settings.batches.schoology_page), self._report
        places = chunk.read(self._now)
        if not self._asked.dry_run:
            staging.move_places(places)
        self._held.commit()
        report.add(chunk.outcome.listings)
        report.failed |= chunk.outcome.failed
        report.incomplete |= chunk.outcome.incomplete
        report.read += len(places)
        report.swept += sum(each.since is None for each in wanted)
        log.info(
            "schoology: %s of %s sections read, %s grades so far", f"{report.read:,}", f"{report.asked:,}",
            f"{report.tallies['grades'].received:,}",
        )  # fmt: skip

    def _refuse_failure(self) -> None:
        """Where most sections cannot be read, it is the source that cannot."""
        failed = self._report.failed
        if 2 * len(failed) <= self._report.asked:
            return
        first = next(iter(failed.values()))
        lasting = all(isinstance(each, Terminal) for each in failed.values())
        message = f"{len(failed):,} of {self._report.asked:,} sections of Schoology cannot be read. {first}"
        raise Terminal(message) if lasting else Transient(message)

    def _finish(self, staging: Staging, seq: int, codes: list[str]) -> dict[str, Any]:
        connection, report = self._held.connection, self._report
        if staging.changed >= extraction.ANALYSE_ROWS:
            database.run(connection, "schoology_analyze")
        bad = {row["collection"]: row["quarantined"] for row in staging.rows("schoology_quarantined", seq=seq)}
        counts = {
            name: Count(name, each.declared if each.says_totals else None, each.received, bad.get(name, 0))
            for name, each in report.tallies.items()
        }
        for message in notes.messages(report.failed, report.incomplete, report.left, asked_for_none=not codes):
            database.run(connection, "run_note_add", run_key=self._asked.run_key, step=notes.STEP, message=message)
            log.warning("%s", message)
        extraction.finish(
            connection, seq, source=SOURCE, run_key=self._asked.run_key, counts=counts, source_time=self._server_time
        )
        self._held.commit()
        return {
            "seq": seq, "full": report.swept == report.asked and not (report.failed or report.left),
            "asked": report.asked, "read": report.read, "swept": report.swept, "failed": len(report.failed),
            "incomplete": len(report.incomplete), "left": len(report.left),
            "collections": {
                name: {"declared": each.declared, "received": each.received, "quarantined": each.quarantined}
                for name, each in counts.items()
            },
        }  # fmt: skip
