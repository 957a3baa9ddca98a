"""The settings of one district as the rest of the library uses them: typed, complete with defaults, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeAlias

from passback.settings.kinds import (
    AtLeastOne,
    Clock,
    Day,
    Days,
    MonthDay,
    Periods,
    Share,
    Switch,
    Text,
    Whole,
    Zone,
    canonical_id,
    whole,
)

SOURCES = ("otus", "schoology")

CategoryMap: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Guard:
    """Limits of the mass-change guard, each passed when its figure is greater; shares are of the ledger in scope."""

    scores_changed_share: Share = 0.2
    scores_halved_share: Share = 0.05
    new_zeros: Whole = 500
    items_changed_share: Share = 0.2
    items_newly_failing_share: Share = 0.1
    release_until: Clock = "18:00"


@dataclass(frozen=True, slots=True)
class Batches:
    """Upper limits of one request, in rows (multiget: in calls); a `powerquery_page` of 0 asks for all rows at once."""

    otus_page: AtLeastOne = 1000
    schoology_page: AtLeastOne = 200
    multiget: AtLeastOne = 50
    score_rows: Annotated[int, whole(1, 1000)] = 200
    powerquery_page: Whole = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """How PowerSchool is written to: requests under way at once over all processes, and times in the unit named."""

    recreate_deleted: Switch = False
    in_flight: AtLeastOne = 8
    min_interval_ms: Whole = 0
    settle_seconds: Whole = 300
    max_minutes: Whole = 240


@dataclass(frozen=True, slots=True)
class Quality:
    """What the quality gate refuses: each limit is passed when the figure is greater; 0 `stale_days` asks nothing."""

    bad_record_share: Share = 0.05
    roster_drop_share: Share = 0.5
    stale_days: Days = 0


@dataclass(frozen=True, slots=True)
class Schoology:
    """How Schoology is read: a full sweep within so many days (0: every run), and our own throttle."""

    full_sweep_days: Days = 7
    # A throttle of no request at all would wait for ever.
    requests_per_5_seconds: AtLeastOne = 13


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days the quarantine and the reports are kept."""

    quarantine_days: Days = 30
    report_days: Days = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one district; made by `load`, which checks them whole.

    `categories` is source → source type or category → PowerSchool district category, `schools` the same per school
    number, for the entries that differ there. `exceptions` is Schoology's code → `flag` or `skip`; a code that is
    missing is unmapped. `file` is where the settings came from, for messages.
    """

    file: Path
    name: Text
    time_zone: Zone
    effective_date: Day
    year_starts: MonthDay = "07-01"
    grading_periods: Periods = ("Q1", "Q2", "Q3", "Q4")
    teacher_group: Text = "PowerSchool Gradebook Passback"
    categories: Mapping[str, CategoryMap] = field(default_factory=dict)
    schools: Mapping[str, Mapping[str, CategoryMap]] = field(default_factory=dict)
    opted_out_sections: frozenset[str] = frozenset()
    opted_out_items: frozenset[tuple[str, str]] = frozenset()
    exceptions: Mapping[int, str] = field(default_factory=lambda: {1: "flag", 2: "flag", 3: "flag"})
    guard: Guard = Guard()
    batches: Batches = Batches()
    delivery: Delivery = Delivery()
    quality: Quality = Quality()
    schoology: Schoology = Schoology()
    retention: Retention = Retention()

    def category_map(self, source: str, school_number: str | None) -> dict[str, str]:
        """Source type or category → PowerSchool district category at a school (None: where no school is known).

        The school's entries win over the district's of the same name, one by one.
        """
        school = self.schools.get(canonical_id(school_number), {}) if school_number is not None else {}
        return {**self.categories.get(source, {}), **school.get(source, {})}

    def school_year(self, day: dt.date) -> tuple[dt.date, dt.date]:
        """The first and the last day, both included, of the school year that holds `day`.

        A year that starts on 29 February starts on 1 March where there is none. At the ends of the calendar the year
        is cut to what a date can hold.
        """
        first_year = day.year if day >= self._first_day(day.year) else day.year - 1
        following = self._first_day(first_year + 1)
        last = dt.date.max if first_year == dt.MAXYEAR else following - dt.timedelta(days=1)
        return self._first_day(first_year), last

    def _first_day(self, year: int) -> dt.date:
        if not dt.MINYEAR <= year <= dt.MAXYEAR:
            return dt.date.min if year < dt.MINYEAR else dt.date.max
        month, number = (int(part) for part in self.year_starts.split("-"))
        try:
            return dt.date(year, month, number)
        except ValueError:
            return dt.date(year, 3, 1)
