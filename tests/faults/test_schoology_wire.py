"""Schoology on a bad line: what is reported, what is asked for again, when it ends, and that nothing is lost."""

import time
from typing import Any

import pytest
from tests.faults.schoology_source import PLACES, SchoologySource
from tests.sources.schoology import world

from passback.errors import Terminal, Transient
from passback.hooks import bodies
from passback.hooks.patience import RequestCounts
from passback.sources.schoology import reading
from sandbox.server import running

# Each fault lasts: effect, its arguments, what is raised where everything depends on it, what is reported, repeated.
LASTING: list[tuple[str, dict[str, Any], type[Exception], str, bool]] = [
    ("throttle", {"retry_after": 99}, Transient, r"asks to wait \(429\), after 1 attempts", False),
    ("throttle", {"retry_after": 99, "as_date": True}, Transient, r"asks to wait \(429\), after 1 attempts", False),
    ("throttle", {"retry_after": 0}, Transient, r"asks to wait \(429\), after \d+ attempts", True),
    ("status", {"status": 502}, Transient, r"Schoology answers 502, after \d+ attempts", True),
    ("status", {"status": 403}, Terminal, r"Schoology answers 403", False),
    ("drip", {"seconds": 0.2}, Transient, r"no whole answer in time, after \d+ attempts", True),
    ("drip_headers", {"seconds": 0.2}, Transient, r"no whole answer in time, after \d+ attempts", True),
    ("huge", {}, Terminal, r"is larger than 1 MB", False),
    ("gzip_bomb", {}, Terminal, r"is larger than 1 MB", False),
    ("gzip_broken", {}, Terminal, r"3 times over \(the answer cannot be unpacked", True),
    ("length_too_long", {}, Transient, r"the answer broke off, after \d+ attempts", True),
    ("length_too_short", {}, Terminal, r"is not JSON, 3 times over", True),
]
OF_A_SECTION = [each for each in LASTING if each[0] != "throttle"]


def three() -> list[world.SchoologySection]:
    return [world.section(number) for number in (1, 2, 3)]


@pytest.fixture(autouse=True)
def small_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large is read sooner."""
    monkeypatch.setattr(bodies, "LARGEST_BODY", 1 << 20)


@pytest.mark.parametrize(("effect", "more", "error", "message", "repeated"), LASTING)
def test_a_lasting_fault_of_all_ends_the_source_in_time_and_the_next_night_has_it_all(
    effect: str, more: dict[str, Any], error: type[Exception], message: str, repeated: bool,
    schoology_source: SchoologySource,
) -> None:  # fmt: skip
    control = schoology_source.serve(*three()).control.schoology
    schoology_source.extract()
    before = schoology_source.select(PLACES)
    control.grade(4001, 5001, 701, grade=5)
    control.fault(effect, kind="sections", times=None, **more)
    counts, started = RequestCounts(), time.monotonic()
    with pytest.raises(error, match=message):
        schoology_source.extract(requests=counts)
    assert time.monotonic() - started < 20
    assert (counts.retried > 0) is repeated
    assert counts.total < 30
    assert schoology_source.select(PLACES) == before
    control.clear()
    schoology_source.execute("update passback.api_budget set paused_until = null")
    schoology_source.extract()
    assert schoology_source.grades()["4001:5001:701"] == 5.0


@pytest.mark.parametrize(("effect", "more", "error", "message", "repeated"), OF_A_SECTION)
def test_a_lasting_fault_of_one_section_costs_the_others_nothing(
    effect: str, more: dict[str, Any], error: type[Exception], message: str, repeated: bool,
    schoology_source: SchoologySource,
) -> None:  # fmt: skip
    control = schoology_source.serve(*three()).control.schoology
    schoology_source.extract()
    for section in (4001, 4002, 4003):
        control.grade(section, 5001, 701, grade=5)
    control.fault(effect, path_prefix="/v1/sections/4002/", times=None, **more)
    started = time.monotonic()
    found = schoology_source.extract(multiget=1)
    assert time.monotonic() - started < 30
    assert (found["failed"], found["read"]) == (1, 2)
    assert schoology_source.grades() == {"4001:5001:701": 5.0, "4002:5001:701": 87.5, "4003:5001:701": 5.0}
    (note,) = schoology_source.select("select message from passback.run_note")
    assert note["message"].startswith("1 section (4002) of Schoology cannot be read")
    control.clear()
    schoology_source.extract()
    assert set(schoology_source.grades().values()) == {5.0}


@pytest.mark.parametrize(
    ("effect", "more"),
    [
        ("throttle", {"retry_after": 1}), ("throttle", {"retry_after": 1, "as_date": True}),
        ("status", {"status": 500}), ("drip", {"seconds": 0.2}), ("gzip", {}), ("gzip_broken", {}), ("huge", {}),
        ("length_too_long", {}), ("length_too_short", {}),
    ],
)  # fmt: skip
def test_a_fault_of_a_multiget_that_passes_loses_nothing(
    effect: str, more: dict[str, Any], schoology_source: SchoologySource
) -> None:
    control = schoology_source.serve(*three()).control.schoology
    control.fault(effect, kind="multiget", **more)
    found = schoology_source.extract()
    assert (found["failed"], found["read"], len(schoology_source.grades())) == (0, 3, 3)


def test_without_a_word_how_long_everybody_waits_for_a_window(
    schoology_source: SchoologySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = schoology_source.serve(*three()).control.schoology
    control.fault("throttle", kind="sections")
    with pytest.raises(Transient, match=r"asks to wait \(429\), after 1 attempts"):
        schoology_source.extract()
    (pause,) = schoology_source.select(
        "select extract(epoch from paused_until - clock_timestamp())::float8 as seconds from passback.api_budget"
    )
    assert 0 < pause["seconds"] <= 5


def test_a_server_that_is_not_there_is_given_up(
    schoology_source: SchoologySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    schoology_source.serve(*three())
    with running(world.district(three())) as box:
        connection = box.connections()["AIRFLOW_CONN_SCHOOLOGY"]
    monkeypatch.setenv("AIRFLOW_CONN_SCHOOLOGY", connection)
    started = time.monotonic()
    with pytest.raises(Transient, match=r"page 1 of sections cannot be read: the connection failed"):
        schoology_source.extract()
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("effect", ["status", "drip"])
def test_a_server_that_dies_on_the_way_is_asked_no_more_after_a_few_pages(
    effect: str, schoology_source: SchoologySource
) -> None:
    control = schoology_source.serve(*(world.section(number) for number in range(1, 41))).control.schoology
    control.fault(effect, status=500, seconds=0.2, skip=31, times=None)
    counts, started = RequestCounts(), time.monotonic()
    with pytest.raises(Transient, match="a page of sections, to see whether it answers at all"):
        schoology_source.extract(multiget=1, requests=counts)
    assert time.monotonic() - started < 60
    assert counts.total < 31 + 60
    control.clear()
    assert schoology_source.extract()["read"] == 40
    assert len(schoology_source.grades()) == 40


def test_many_broken_sections_are_told_from_a_server_that_is_down(schoology_source: SchoologySource) -> None:
    broken = {str(4000 + number): 500 for number in range(3, 11)}
    schoology_source.serve(*(world.section(number) for number in range(1, 21)), section_status=broken)
    found = schoology_source.extract(multiget=1)
    assert (found["failed"], found["read"]) == (8, 12)


def test_a_chunk_that_takes_too_long_is_left_for_the_next_run(
    schoology_source: SchoologySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    from passback.sources.schoology import extract

    schoology_source.serve(*three(), latency_ms=300)
    monkeypatch.setattr(extract, "LAST_CHUNK_SECONDS", 0.5)
    found = schoology_source.extract(multiget=1, soft_limit_seconds=1.0)
    assert (found["read"], found["left"]) == (0, 3)
    assert schoology_source.select(PLACES) == []
    monkeypatch.setattr(extract, "LAST_CHUNK_SECONDS", 60.0)
    assert schoology_source.extract()["read"] == 3


@pytest.mark.parametrize("kind", ["sections", "grades"])
def test_a_redirect_takes_the_signature_nowhere(kind: str, schoology_source: SchoologySource) -> None:
    control = schoology_source.serve(*three()).control.schoology
    with running(world.district(three())) as elsewhere:
        control.fault("redirect", kind=kind, times=None, message=f"{elsewhere.schoology_url}/v1/sections")
        with pytest.raises(Terminal, match="leads to another server or out of its API: not followed"):
            schoology_source.extract(multiget=1)
        assert elsewhere.control.schoology.log() == []


@pytest.mark.parametrize("total", ["missing", "null"])
def test_without_a_total_an_item_that_slips_between_two_pages_is_not_taken_for_deleted(
    total: str, schoology_source: SchoologySource
) -> None:
    items = [world.item(number) for number in range(5001, 5008)]
    control = schoology_source.serve(world.section(items=items), page_cap=3, total=total).control.schoology
    schoology_source.extract()
    control.hook("grade_items", "delete_item", {"section": 4001, "id": 5001})
    schoology_source.extract(multiget=1)
    assert schoology_source.select("select id from staging.schoology_item where deleted") == [{"id": "4001:5001"}]


def test_a_listing_without_a_total_and_without_an_end_is_left(
    schoology_source: SchoologySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passback.sources.schoology.listing.MOST_PAGES", 4)
    items = [world.item(number) for number in range(5001, 5020)]
    schoology_source.serve(world.section(items=items), page_cap=2, total="missing")
    counts = RequestCounts()
    schoology_source.extract(multiget=1, requests=counts)
    assert counts.total < 40
    assert reading.MANY_UNANSWERED > 1
