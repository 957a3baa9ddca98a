"""Clocks of the sources that differ, stand, and jump: nothing that was changed meanwhile is missed."""

import datetime as dt
import time
from collections.abc import Callable

import pytest
from tests.faults.otus_source import OtusSource, scores
from tests.faults.schoology_source import SchoologySource
from tests.sources import otus_world as otus
from tests.sources.schoology import world

from passback import database
from passback.hooks.throttle import Throttle
from passback.quality import CLOCK_SLACK_SECONDS

# A sweep would read everything whatever the clocks say.
NEVER = 10_000
NOTES = "select message from passback.run_note"
ASKED = "select asked_since, full_listing from passback.extraction order by seq desc limit 1"
Pass = Callable[[float], None]


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


@pytest.fixture
def minutes_pass(database_uri: str) -> Pass:
    """Time passes by our own clock: all that it was written down for lies so much further back."""

    def minutes_pass(minutes: float) -> None:
        world.execute(
            database_uri, "update passback.extraction set started_at = started_at - make_interval(secs => %s)",
            minutes * 60,
        )  # fmt: skip

    return minutes_pass


@pytest.mark.parametrize("minutes", [-7 * 24 * 60, -12, 12, 7 * 24 * 60])
def test_an_otus_clock_that_differs_from_ours_is_the_only_one_that_counts(
    minutes: int, otus_source: OtusSource, minutes_pass: Pass
) -> None:
    control = otus_source.serve(otus.world(scores=scores(3))).control.otus
    theirs = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(minutes=minutes)
    control.do("set_clock", at=theirs.isoformat())
    otus_source.extract()
    control.do("edit", collection="scores", id="r001", points=3)
    control.do("set_clock", at=(theirs + dt.timedelta(hours=24)).isoformat())
    minutes_pass(24 * 60)
    found = otus_source.extract()
    assert (found["full"], found["collections"]["scores"]["received"]) == (False, 1)
    assert otus_source.select(ASKED)[0]["asked_since"] == theirs
    assert otus_source.points()["r001"] == 3.0
    assert otus_source.select(NOTES) == []


@pytest.mark.parametrize(("night", "passed"), [("05:30", 30), ("06:20", 80), ("2026-10-06T05:00", 24 * 60)])
def test_an_otus_clock_that_went_back_an_hour_between_two_nights_hides_no_change(
    night: str, passed: float, otus_source: OtusSource, minutes_pass: Pass
) -> None:
    """The first night is at 06:00 by a clock that is an hour ahead; the change is made ten minutes after it."""
    control = otus_source.serve(otus.world(scores=scores(3))).control.otus
    control.do("set_clock", at="2026-10-05T06:00:00Z")
    otus_source.extract()
    control.do("set_clock", at="2026-10-05T05:10:00Z")
    control.do("edit", collection="scores", id="r001", points=3)
    control.do("set_clock", at=f"{night if 'T' in night else '2026-10-05T' + night}:00Z")
    minutes_pass(passed)
    found = otus_source.extract()
    assert otus_source.points()["r001"] == 3.0
    assert found["cursor_moved"] is True
    (note,) = otus_source.select(NOTES)
    assert "Otus's clock is" in note["message"]
    assert "has gone back since the last extraction, which went up to 2026-10-05 06:00:00 UTC" in note["message"]


def test_an_otus_clock_that_goes_back_in_the_middle_of_a_night_sets_the_cursor_to_the_earlier_time(
    otus_source: OtusSource,
) -> None:
    control = otus_source.serve(otus.world(scores=scores(3))).control.otus
    control.do("set_clock", at="2026-10-05T06:00:00Z")
    control.hook("classes", "set_clock", {"at": "2026-10-05T05:00:00Z"})
    otus_source.extract()
    control.do("set_clock", at="2026-10-05T05:10:00Z")
    control.do("edit", collection="scores", id="r001", points=3)
    otus_source.extract()
    assert otus_source.select(ASKED)[0]["asked_since"] == utc("2026-10-05T05:00:00+00:00")
    assert otus_source.points()["r001"] == 3.0


def test_an_otus_clock_that_was_days_ahead_for_a_night_hides_no_change_and_keeps_nobody_out(
    otus_source: OtusSource, minutes_pass: Pass
) -> None:
    control = otus_source.serve(otus.world(scores=scores(3))).control.otus
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    control.do("set_clock", at=(now + dt.timedelta(days=3) - dt.timedelta(hours=24)).isoformat())
    otus_source.extract()
    minutes_pass(24 * 60)
    control.do("set_clock", at=(now - dt.timedelta(hours=20)).isoformat())
    control.do("edit", collection="scores", id="r001", points=3)
    control.do("set_clock", at=now.isoformat())
    otus_source.extract()
    assert otus_source.points()["r001"] == 3.0
    (last,) = otus_source.select("select max(seq) as seq from passback.extraction")
    with database.connect(otus_source.uri) as connection:
        limits = {"slack": CLOCK_SLACK_SECONDS, "stale_days": 0, "time_zone": "America/Chicago"}
        assert database.rows(connection, "quality_freshness", seq=last["seq"], **limits) == []


def test_where_both_clocks_went_back_otus_is_asked_for_everything(otus_source: OtusSource, minutes_pass: Pass) -> None:
    control = otus_source.serve(otus.world(scores=scores(3))).control.otus
    control.do("set_clock", at="2026-10-05T06:00:00Z")
    otus_source.extract()
    control.do("set_clock", at="2026-10-05T05:00:00Z")
    minutes_pass(-60)
    assert otus_source.extract()["full"] is True


def test_a_schoology_clock_that_went_back_an_hour_hides_no_grade(
    schoology_source: SchoologySource, minutes_pass: Pass
) -> None:
    control = schoology_source.serve(world.section()).control.schoology
    control.set_clock("2026-10-05T06:00:00Z")
    schoology_source.extract()
    control.set_clock("2026-10-05T05:10:00Z")
    control.grade(4001, 5001, 701, grade=5)
    control.set_clock("2026-10-05T06:20:00Z")
    minutes_pass(80)
    assert schoology_source.extract()["swept"] == 0
    assert schoology_source.grades() == {"4001:5001:701": 5.0}


def test_a_schoology_clock_that_was_days_ahead_for_a_night_hides_no_grade(
    schoology_source: SchoologySource, minutes_pass: Pass
) -> None:
    control = schoology_source.serve(world.section()).control.schoology
    control.set_clock("2026-10-08T06:00:00Z")
    schoology_source.extract(full_sweep_days=NEVER)
    control.set_clock("2026-10-05T09:00:00Z")
    control.grade(4001, 5001, 701, grade=5)
    control.set_clock("2026-10-06T06:00:00Z")
    minutes_pass(24 * 60)
    schoology_source.extract(full_sweep_days=NEVER)
    assert schoology_source.grades() == {"4001:5001:701": 5.0}


@pytest.mark.parametrize("minutes", [-600, -10, 10, 600])
def test_a_schoology_clock_that_differs_from_ours_is_the_only_one_that_counts(
    minutes: int, schoology_source: SchoologySource, minutes_pass: Pass
) -> None:
    control = schoology_source.serve(world.section()).control.schoology
    theirs = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(minutes=minutes)
    control.set_clock(theirs.isoformat())
    schoology_source.extract(full_sweep_days=NEVER)
    control.set_clock((theirs + dt.timedelta(hours=24)).isoformat())
    control.grade(4001, 5001, 701, grade=5)
    minutes_pass(24 * 60)
    control.clear_log()
    schoology_source.extract(multiget=1, full_sweep_days=NEVER)
    (grades,) = control.log(path_prefix="/v1/sections/4001/grades")
    assert grades["query"]["timestamp"] == str(int(theirs.timestamp()) - 300)
    assert schoology_source.grades() == {"4001:5001:701": 5.0}


def test_our_database_clock_that_went_back_keeps_no_request_waiting(database_uri: str) -> None:
    throttle = Throttle(database_uri, "schoology", 4, 60)
    throttle.take()
    ahead = "clock_timestamp() + interval '1 hour'"
    world.execute(
        database_uri,
        f"update passback.api_budget set granted_at = array[{ahead}, {ahead}], paused_until = {ahead}",
    )
    started = time.monotonic()
    for _ in range(3):
        throttle.take()
    throttle.close()
    assert 4 < time.monotonic() - started < 15


def test_a_schoology_that_shows_no_clock_is_read_by_ours(schoology_source: SchoologySource) -> None:
    control = schoology_source.serve(world.section()).control.schoology
    control.set_clock("9999-12-31T23:00:00Z")
    assert schoology_source.extract()["read"] == 1
    (place,) = schoology_source.select("select grades_since, items_read_at from passback.schoology_place")
    assert place["grades_since"] is None
    assert place["items_read_at"].year < 2200
