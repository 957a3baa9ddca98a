"""Nights on which the district's clocks are changed: each school day has one night, and days stay the days they are."""

import datetime as dt
import importlib.util
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pendulum
import psycopg
import pytest

from passback.runs import Asked, as_of, find, register
from passback.settings import Settings
from passback.settings.district import Guard
from passback.steps.releasing import waits_until

CHICAGO, BERLIN = "America/Chicago", "Europe/Berlin"


def settings(zone: str = CHICAGO, release_until: str = "06:00") -> Settings:
    return Settings(
        file=Path("district.toml"), name="Example Unified", time_zone=zone, effective_date=dt.date(2026, 8, 24),
        guard=Guard(release_until=release_until),
    )  # fmt: skip


def asked(start: dt.datetime, *, scheduled: bool = True) -> Asked:
    return Asked("passback_nightly", f"run {start}", scheduled, start, start, {})


@pytest.mark.parametrize("cron", ["0 2 * * *", "30 2 * * *", "30 1 * * *"])
@pytest.mark.parametrize(
    ("zone", "around"),
    [(CHICAGO, "2026-10-30"), (CHICAGO, "2027-03-12"), (BERLIN, "2026-10-23"), (BERLIN, "2027-03-26")],
)
def test_each_school_day_has_one_night_where_the_clocks_are_changed(cron: str, zone: str, around: str) -> None:
    """02:30 is not there on the day that the clocks go forward, and comes twice in Berlin on the day they go back."""
    from airflow.timetables.base import TimeRestriction
    from airflow.timetables.interval import CronDataIntervalTimetable

    timetable, last, nights = CronDataIntervalTimetable(cron, timezone=zone), None, []
    restriction = TimeRestriction(earliest=pendulum.parse(around), latest=None, catchup=True)  # type: ignore[arg-type]
    for _ in range(6):
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
        assert info is not None
        last = info.data_interval
        nights.append((as_of(asked(last.start), settings(zone)), info.run_after))
    assert all(later[0] - sooner[0] == dt.timedelta(days=1) for sooner, later in pairwise(nights))
    assert all(22 <= (later[1] - sooner[1]).total_seconds() / 3600 <= 26 for sooner, later in pairwise(nights))


def test_the_nights_schedule_is_of_the_districts_zone(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    from passback import schedule

    monkeypatch.setenv("PASSBACK_TIME_ZONE", BERLIN)
    assert schedule.zone() == BERLIN
    assert importlib.util.find_spec("tzdata") is not None or Path("/usr/share/zoneinfo", BERLIN).exists()


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-01T04:59:59+00:00", "2026-10-31"), ("2026-11-01T05:00:00+00:00", "2026-11-01"),
        ("2026-11-02T05:59:59+00:00", "2026-11-01"), ("2026-11-02T06:00:00+00:00", "2026-11-02"),
        ("2027-03-14T05:59:59+00:00", "2027-03-13"), ("2027-03-14T06:00:00+00:00", "2027-03-14"),
        ("2027-03-15T04:59:59+00:00", "2027-03-14"), ("2027-03-15T05:00:00+00:00", "2027-03-15"),
    ],
)  # fmt: skip
def test_a_run_around_midnight_judges_the_day_of_the_districts_clock(moment: str, day: str) -> None:
    at = dt.datetime.fromisoformat(moment)
    for scheduled in (True, False):
        assert as_of(asked(at, scheduled=scheduled), settings()).isoformat() == day


def test_a_run_that_spans_midnight_keeps_its_day(database_uri: str) -> None:
    late = asked(dt.datetime(2026, 11, 1, 4, 59, tzinfo=dt.UTC), scheduled=False)
    first = register(database_uri, late, settings(), ["otus"])
    again = Asked(
        **{
            **{name: getattr(late, name) for name in Asked.__slots__},
            "created_at": late.created_at + dt.timedelta(hours=3),
        }
    )
    assert register(database_uri, again, settings(), ["otus"]).as_of == first.as_of == dt.date(2026, 10, 31)
    assert find(database_uri, late.dag_id, late.run_id).as_of == first.as_of


@pytest.mark.parametrize(
    ("now", "until", "ends"),
    [
        # 02:30 is not there: what the clocks show an hour on.
        ("2027-03-14T07:00:00+00:00", "02:30", "2027-03-14T08:30:00+00:00"),
        ("2027-03-13T10:00:00+00:00", "02:30", "2027-03-14T08:30:00+00:00"),
        ("2027-03-14T09:00:00+00:00", "02:30", "2027-03-15T07:30:00+00:00"),
        # 01:30 comes twice: the first of the two.
        ("2026-11-01T05:00:00+00:00", "01:30", "2026-11-01T06:30:00+00:00"),
        ("2026-10-31T20:00:00+00:00", "01:30", "2026-11-01T06:30:00+00:00"),
        ("2026-11-01T08:00:00+00:00", "01:30", "2026-11-02T07:30:00+00:00"),
        # An ordinary time on these days: as the clocks show it.
        ("2026-11-01T07:00:00+00:00", "06:00", "2026-11-01T12:00:00+00:00"),
        ("2027-03-14T07:00:00+00:00", "06:00", "2027-03-14T11:00:00+00:00"),
        ("2026-10-31T12:00:00+00:00", "06:00", "2026-11-01T12:00:00+00:00"),
    ],
)
def test_a_release_waits_until_the_districts_clock_shows_the_time(now: str, until: str, ends: str) -> None:
    found = waits_until(dt.datetime.fromisoformat(now), settings(release_until=until))
    assert found.astimezone(dt.UTC) == dt.datetime.fromisoformat(ends)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-01T04:59:59Z", "2026-10-31"), ("2026-11-01T05:00:00Z", "2026-11-01"),
        ("2026-11-02T05:59:59Z", "2026-11-01"), ("2027-03-14T05:59:59Z", "2027-03-13"),
        ("2027-03-15T04:59:59Z", "2027-03-14"), ("2027-03-15T05:00:00Z", "2027-03-15"),
    ],
)  # fmt: skip
def test_the_database_gives_a_moment_the_same_day_as_python(moment: str, day: str, database_uri: str) -> None:
    """The rules' due dates come from days like this one, and seven days later is a date and no moment."""
    with psycopg.connect(database_uri) as connection:
        row = connection.execute("select (%s::timestamptz at time zone %s)::date", [moment, CHICAGO]).fetchone()
    local = dt.datetime.fromisoformat(moment).astimezone(ZoneInfo(CHICAGO)).date()
    assert row is not None
    assert row[0] == local == dt.date.fromisoformat(day)


def test_a_cursor_is_a_moment_whatever_the_clocks_show(database_uri: str) -> None:
    """Between 01:00 and 02:00 comes twice: the two are an hour apart in UTC, and nothing is asked for by local time."""
    first, second = (
        dt.datetime(2026, 11, 1, 1, 30, fold=fold, tzinfo=ZoneInfo(CHICAGO)).astimezone(dt.UTC) for fold in (0, 1)
    )
    assert second - first == dt.timedelta(hours=1)
    with psycopg.connect(database_uri, options="-c timezone=America/Chicago") as connection:
        rows = connection.execute("select unnest(%s::timestamptz[]) order by 1 desc", [[first, second]]).fetchall()
    assert [row[0].astimezone(dt.UTC) for row in rows] == [second, first]
