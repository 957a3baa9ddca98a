"""Otus on a bad line: what is reported, what is asked for again, that it ends in time, and that nothing is lost."""

import time
import tracemalloc
from typing import Any

import pytest
from tests.faults.otus_source import CURSOR, OtusSource, scores
from tests.sources import otus_world as otus

from passback.errors import Terminal, Transient
from passback.hooks import bodies
from passback.hooks.otus import OtusHook, RequestCounts
from passback.sources.otus import pages
from passback.sources.otus.pages import Pages
from sandbox.server import running

# Each fault lasts: effect, its arguments, what is raised, what is reported, and whether the page is asked for again.
LASTING: list[tuple[str, dict[str, Any], type[Exception], str, bool]] = [
    ("throttle", {"retry_after": 99}, Transient, r"asks to wait \(429\), after 1 attempts", False),
    ("throttle", {"retry_after": 99, "as_date": True}, Transient, r"asks to wait \(429\), after 1 attempts", False),
    ("throttle", {}, Transient, r"asks to wait \(429\), after \d+ attempts", True),
    ("throttle", {"retry_after": 0}, Transient, r"asks to wait \(429\), after \d+ attempts", True),
    ("throttle", {"retry_after": 1e29}, Transient, r"asks to wait \(429\), after 1 attempts", False),
    ("status", {"status": 502}, Transient, r"Otus answers 502, after \d+ attempts", True),
    ("status", {"status": 403}, Terminal, r"does not let the token read it \(403\)", False),
    ("drip", {"seconds": 0.2}, Transient, r"no whole answer in time, after \d+ attempts", True),
    ("drip_headers", {"seconds": 0.2}, Transient, r"no whole answer in time, after \d+ attempts", True),
    ("delay", {"seconds": 4}, Transient, r"no whole answer in time, after \d+ attempts", True),
    ("huge", {}, Terminal, r"page 1 of scores is larger than 1 MB", False),
    ("gzip_bomb", {}, Terminal, r"page 1 of scores is larger than 1 MB", False),
    ("gzip_broken", {}, Terminal, r"3 times over \(the answer cannot be unpacked", True),
    ("length_too_long", {}, Transient, r"the answer broke off, after \d+ attempts", True),
    ("length_too_short", {}, Terminal, r"page 1 of scores is not JSON, 3 times over", True),
]


@pytest.mark.parametrize(("effect", "more", "error", "message", "repeated"), LASTING)
def test_a_lasting_fault_is_reported_in_time_and_the_next_night_has_it_all(
    effect: str, more: dict[str, Any], error: type[Exception], message: str, repeated: bool, otus_source: OtusSource,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(bodies, "LARGEST_BODY", 1 << 20)
    control = otus_source.serve(otus.world(scores=scores(3))).control.otus
    otus_source.extract()
    before = otus_source.select(CURSOR)
    control.do("edit", collection="scores", id="r001", points=3)
    control.fault(effect, kind="scores", times=None, **more)
    counts, started = RequestCounts(), time.monotonic()
    with pytest.raises(error, match=message):
        otus_source.extract(requests=counts)
    assert time.monotonic() - started < 20
    assert (counts.retried > 0) is repeated
    assert counts.total < 30
    assert otus_source.select(CURSOR) == before
    assert otus_source.points()["r001"] == 9.5
    control.clear()
    otus_source.extract()
    assert otus_source.points()["r001"] == 3.0


@pytest.mark.parametrize(
    ("effect", "more"),
    [
        ("throttle", {"retry_after": 1}), ("throttle", {"retry_after": 1, "as_date": True}), ("throttle", {}),
        ("status", {"status": 500}), ("drip", {"seconds": 0.2}), ("gzip_broken", {}), ("length_too_long", {}),
        ("length_too_short", {}),
    ],
)  # fmt: skip
def test_a_fault_that_passes_is_waited_for(effect: str, more: dict[str, Any], otus_source: OtusSource) -> None:
    control = otus_source.serve(otus.world(scores=scores(3))).control.otus
    control.fault(effect, kind="scores", **more)
    found = otus_source.extract()
    assert (found["requests"]["total"], found["requests"]["retried"]) == (7, 1)
    assert found["requests"]["throttled"] == (effect == "throttle")
    assert len(otus_source.points()) == 3


def test_a_date_to_wait_for_is_one_of_the_servers_clock(otus_source: OtusSource) -> None:
    control = otus_source.serve(otus.world()).control.otus
    control.do("set_clock", at="2031-01-01T00:00:00Z")
    control.fault("throttle", kind="users", retry_after=1, as_date=True)
    assert otus_source.extract()["requests"]["retried"] == 1


def test_a_packed_answer_is_unpacked(otus_source: OtusSource) -> None:
    otus_source.serve(otus.world(scores=scores(30))).control.otus.fault("gzip", times=None)
    assert otus_source.extract()["collections"]["scores"]["received"] == 30


@pytest.mark.parametrize("effect", ["huge", "gzip_bomb"])
def test_an_answer_without_measure_costs_no_more_memory_than_a_page(
    effect: str, otus_source: OtusSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "LARGEST_BODY", 4 << 20)
    control = otus_source.serve(otus.world()).control.otus
    control.fault("gzip_bomb", kind="classes")
    with pytest.raises(Terminal):
        otus_source.extract()
    control.fault(effect, kind="users")
    tracemalloc.start()
    try:
        with pytest.raises(Terminal, match="larger than 4 MB"):
            otus_source.extract()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60 << 20


def test_a_page_of_too_many_values_is_refused_unread(otus_source: OtusSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_VALUES", 1000)
    otus_source.serve(otus.world(scores=scores(200)))
    with pytest.raises(Terminal, match="page 1 of scores holds more values than a page can"):
        otus_source.extract()


def test_a_server_that_is_not_there_is_given_up(otus_source: OtusSource, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(otus.district(otus.world())) as box:
        connection = box.connections()["AIRFLOW_CONN_OTUS"]
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", connection)
    started = time.monotonic()
    with pytest.raises(Transient, match=r"page 1 of users cannot be read: the connection failed, after \d+ attempts"):
        otus_source.extract()
    assert time.monotonic() - started < 20


def test_a_redirect_takes_the_token_nowhere(otus_source: OtusSource) -> None:
    elsewhere = otus_source.serve(otus.world())
    control = otus_source.serve(otus.world()).control.otus
    control.fault("redirect", kind="users", message=f"{elsewhere.otus_url}/v1/users")
    with pytest.raises(Terminal, match="Otus answers 302"):
        otus_source.extract()
    assert elsewhere.control.otus.log() == []


def test_a_listing_that_never_ends_is_left(otus_source: OtusSource) -> None:
    box = otus_source.serve(otus.world(), endless=True)
    with pytest.raises(Terminal, match=r"page 101 of users is the last of 100 without a new record.*never end"):
        otus_source.extract()
    assert len(box.control.otus.log()) == 101


def test_an_extraction_that_takes_too_long_is_left_for_the_next_night(otus_source: OtusSource) -> None:
    otus_source.serve(otus.world())
    reading = Pages(OtusHook().get_conn(), None, 10, longest_seconds=-1)
    with pytest.raises(Terminal, match="the extraction has taken too long"):
        next(reading.rows("users"))


def test_a_listing_that_grows_while_it_is_read_is_whole(otus_source: OtusSource) -> None:
    control = otus_source.serve(otus.world(scores=scores(25)), page_cap=10).control.otus
    control.hook(
        "scores", "upsert", {"collection": "scores", "record": otus.record("scores", id="r900", updated_at=...)}
    )
    found = otus_source.extract()
    assert found["collections"]["scores"] == {"declared": 26, "received": 26, "quarantined": 0}
    assert found["cursor_moved"] is True
    assert len(otus_source.points()) == 26


def test_a_record_that_slips_between_two_pages_is_missed_by_nobody(otus_source: OtusSource) -> None:
    control = otus_source.serve(otus.world(scores=scores(25)), page_cap=10).control.otus
    control.hook("scores", "purge", {"collection": "scores", "id": "r003"})
    found = otus_source.extract()
    assert found["collections"]["scores"] == {"declared": 25, "received": 24, "quarantined": 0}
    assert found["cursor_moved"] is False
    assert "r010" not in otus_source.points()
    again = otus_source.extract()
    assert again["cursor_moved"] is True
    assert "r010" in otus_source.points()


def test_an_id_that_comes_twice_is_one_record_within_a_page_and_over_pages(otus_source: OtusSource) -> None:
    twice = [*scores(12), otus.record("scores", id="r000", points=1), otus.record("scores", id="r011", points=2)]
    otus_source.serve(otus.world(scores=twice), page_cap=8)
    assert otus_source.extract()["collections"]["scores"] == {"declared": 14, "received": 14, "quarantined": 0}
    found = otus_source.points()
    assert (len(found), found["r000"], found["r011"]) == (12, 1.0, 2.0)


def test_a_page_whose_clock_is_none_is_no_page(otus_source: OtusSource) -> None:
    control = otus_source.serve(otus.world()).control.otus
    control.do("set_clock", at="9999-12-31T23:00:00Z")
    with pytest.raises(Terminal, match="`server_time` is one that no clock shows"):
        otus_source.extract()
    assert pages.CLOCKS[0].year == 2000
