"""One chunk of sections: read, brought into staging, and its places moved, ready to be committed as one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from passback.errors import PassbackError
from passback.sources.schoology.contract import CATEGORIES, ENROLLMENTS, GRADE_ITEMS, GRADES, PERIODS, Collection
from passback.sources.schoology.listing import Listing, of_section
from passback.sources.schoology.reading import Reader
from passback.sources.schoology.staging import Place, Staging

# Grades are asked for from so long before the last answer: a change may be stamped late, and repeats do no harm.
OVERLAP = dt.timedelta(seconds=300)
# Categories and grading periods change rarely: they are read again within seven days. A nightly run is half a day early
# or late, and must not be too late.
LIST_DAYS = 7
_HALF_A_DAY = 43_200.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A section to read; `since` None asks for everything: it is swept."""

    section_id: str
    since: dt.datetime | None


@dataclass(slots=True)
class Outcome:
    """What became of the sections of a chunk: all listings that were used, and the sections that give trouble."""

    listings: list[Listing] = field(default_factory=list)
    failed: dict[str, PassbackError] = field(default_factory=dict)

    @property
    def incomplete(self) -> set[str]:
        """Sections of which a listing never came whole."""
        return {each.section_id for each in self.listings if not each.complete}


def window_seconds(days: int) -> float:
    """The length of the windows in each of which every section has its turn, so that runs a day apart keep `days`."""
    return max(days * 86_400.0 - _HALF_A_DAY, 0.0)


class Chunk:
    """Reads a chunk of sections in rounds: items and grades; what these show to be missing; categories and periods."""

    def __init__(self, reader: Reader, staging: Staging, wanted: Sequence[Wanted], page_limit: int) -> None:
        """Nothing is read yet."""
        self._reader = reader
        self._staging = staging
        self._wanted = wanted
        self._limit = page_limit
        self._swept = [each.section_id for each in wanted if each.since is None]
        self.outcome = Outcome()

    def read(self, now: dt.datetime) -> list[Place]:
        """Reads and stages everything; gives where the sections' next reading goes on. `now` by Schoology's clock."""
        self._first_round()
        read = [each.section_id for each in self._wanted if each.section_id not in self.outcome.failed]
        self._second_round(read)
        self._lists(read, now)
        return [self._place(section_id, now) for section_id in read]

    def _first_round(self) -> None:
        """Grades before items: an item is then known when a grade of it is."""
        grades = [self._listing(GRADES, each.section_id, each.since) for each in self._wanted]
        items = [self._listing(GRADE_ITEMS, each.section_id) for each in self._wanted]
        self._reader.read([*grades, *items])
        self._take([*grades, *items])

    def _second_round(self, read: list[str]) -> None:
        """Enrolments, where grades need them; all grades, where such of the past are to be staged now."""
        needs = self._staging.rows("schoology_needs", section_ids=read, swept=self._swept)
        listings = [self._listing(GRADES, row["section_id"]) for row in needs if row["grades"]]
        listings += [self._listing(ENROLLMENTS, row["section_id"]) for row in needs if row["enrollments"]]
        self._reader.read(listings)
        self._take(listings)

    def _lists(self, read: list[str], now: dt.datetime) -> None:
        needs = self._staging.rows(
            "schoology_lists_needed", section_ids=read, now=now, list_seconds=window_seconds(LIST_DAYS)
        )
        listings = [self._listing(CATEGORIES, row["section_id"]) for row in needs if row["categories"]]
        listings += [self._listing(PERIODS, row["section_id"]) for row in needs if row["periods"]]
        for listing in listings:
            self._reader.read_singly(listing)
        self._take(listings)

    def _listing(self, collection: Collection, section_id: str, since: dt.datetime | None = None) -> Listing:
        asked = None if since is None else max(int((since - OVERLAP).timestamp()), 0)
        return of_section(collection, section_id, self._limit, asked)

    def _take(self, listings: Iterable[Listing]) -> None:
        """Stages what came in a round; of a section with a listing that failed there, nothing of the round is used."""
        read = list(listings)
        failed = {each.section_id: each.failure for each in read if each.failure is not None}
        self.outcome.failed |= failed
        used = [each for each in read if each.section_id not in failed]
        self._staging.merge(used)
        for each in used:
            # Its rows are in the database; only what the place and the counts need is kept.
            each.forget_rows()
        self.outcome.listings += used

    def _place(self, section_id: str, now: dt.datetime) -> Place:
        read = [each for each in self.outcome.listings if each.section_id == section_id]
        came = {
            collection.name: [each for each in read if each.collection is collection and each.complete]
            for collection in (GRADES, GRADE_ITEMS, ENROLLMENTS, CATEGORIES, PERIODS)
        }
        heard = [each.server_time for each in came["grades"] if each.server_time is not None]
        all_came = section_id not in self.outcome.failed and all(
            each.complete for each in read if each.collection in (GRADES, ENROLLMENTS)
        )
        return Place(
            section_id,
            grades_since=min(heard, default=None),
            items_read_at=now if came["grade_items"] else None,
            swept_at=now if section_id in self._swept and all_came else None,
            enrollments_read_at=now if came["enrollments"] else None,
            categories_read_at=now if came["grading_categories"] else None,
            periods_read_at=now if came["grading_periods"] else None,
        )
