"""Otus over HTTP: pages by cursor, what changed since, and every way in which a server can be difficult."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.sources import otus_world as otus
from tests.sources.conftest import Extract

from passback.errors import Terminal, Transient
from passback.hooks import otus as hook
from passback.hooks.otus import OtusHook, RequestCounts
from passback.sources.otus.staging import COLLECTIONS
from sandbox.server import Sandbox

Serve = Callable[..., Sandbox]
STAGED = "select id from staging.otus_score order by id"
CURSOR = "select updated_since from passback.cursor"


def scores(count: int) -> list[Any]:
    """So many different scores."""
    return [otus.record("scores", id=f"r{number:03}") for number in range(count)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are real, and short."""
    monkeypatch.setattr(hook, "FIRST_BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr(hook, "PATIENCE_SECONDS", 3.0)


def test_all_pages_of_all_collections_reach_staging(database_uri: str, serve: Serve, extract: Extract) -> None:
    sandbox = serve(otus.world(scores=scores(25)), page_cap=10)
    counts = extract()
    assert (counts["transport"], counts["full"], counts["cursor_moved"]) == ("http", True, True)
    assert counts["collections"]["scores"] == {"declared": 25, "received": 25, "quarantined": 0}
    assert counts["requests"] == {"total": 8, "retried": 0, "throttled": 0}
    assert len(otus.select(database_uri, STAGED)) == 25
    log = sandbox.control.otus.log()
    assert [entry["kind"] for entry in log] == [*COLLECTIONS, "scores", "scores"]
    assert {entry["query"]["limit"] for entry in log} == {"1000"}


def test_the_next_extraction_asks_from_this_ones_first_server_time(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    sandbox = serve(otus.world(scores=scores(3)))
    control = sandbox.control.otus
    control.do("set_clock", at="2026-10-05T06:00:00.700Z")
    control.hook("users", "set_clock", {"at": "2026-10-05T06:05:00Z"})
    extract()
    control.do("edit", collection="scores", id="r001", points=3)
    control.clear_log()
    again = extract()
    assert {entry["query"]["updated_since"] for entry in control.log()} == {"2026-10-05T06:00:00Z"}
    assert again["full"] is False
    assert {name: each["received"] for name, each in again["collections"].items() if each["received"]} == {"scores": 1}
    changed = otus.select(database_uri, "select id, points from staging.otus_score where seq = %s", again["seq"])
    assert changed == [{"id": "r001", "points": 3.0}]


def test_a_delta_deletes_nothing_but_what_it_says(database_uri: str, serve: Serve, extract: Extract) -> None:
    control = serve(otus.world(scores=scores(3))).control.otus
    extract()
    control.do("delete", collection="scores", id="r001")
    control.do("purge", collection="scores", id="r002")
    extract()
    deleted = otus.select(database_uri, "select id from staging.otus_score where deleted")
    assert deleted == [{"id": "r001"}]


def test_a_preview_moves_no_cursor(database_uri: str, serve: Serve, extract: Extract) -> None:
    serve(otus.world())
    assert extract(dry_run=True)["cursor_moved"] is False
    assert otus.select(database_uri, CURSOR) == []
    assert len(otus.select(database_uri, STAGED)) == 1


def test_the_cursor_stays_where_a_declared_total_did_not_come(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    control = serve(otus.world()).control.otus
    extract()
    before = otus.select(database_uri, CURSOR)
    control.switches(total="wrong")
    assert extract()["cursor_moved"] is False
    assert otus.select(database_uri, CURSOR) == before
    control.switches(total="true")
    assert extract()["cursor_moved"] is True
    assert otus.select(database_uri, CURSOR) != before


@pytest.mark.parametrize("total", ["missing", "null"])
def test_a_total_may_be_missing(total: str, serve: Serve, extract: Extract) -> None:
    serve(otus.world(), total=total)
    assert extract()["collections"]["users"]["declared"] is None


def test_a_failed_extraction_leaves_rows_and_cursor_as_they_were(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    control = serve(otus.world(scores=scores(25)), page_cap=10).control.otus
    extract()
    before = otus.select(database_uri, CURSOR)
    control.do("edit", collection="users", id="u1", role="other")
    control.fault("wrong_shape", kind="scores", times=None)
    with pytest.raises(Terminal):
        extract()
    assert otus.select(database_uri, CURSOR) == before
    assert otus.select(database_uri, "select role from staging.otus_user") == [{"role": "teacher"}]
    assert len(otus.select(database_uri, "select * from passback.extraction")) == 1


def test_a_bad_record_is_quarantined_with_its_page(database_uri: str, serve: Serve, extract: Extract) -> None:
    objects = scores(25)
    objects[16]["points"] = "9"
    objects[23] = 5
    serve(otus.world(scores=objects), page_cap=10)
    assert extract()["collections"]["scores"] == {"declared": 25, "received": 25, "quarantined": 2}
    found = otus.select(database_uri, "select place, source_id from staging.quarantine order by place")
    assert found == [{"place": "page 2, record 7", "source_id": "r016"}, {"place": "page 3, record 4", "source_id": ""}]


def test_a_record_that_moves_while_the_listing_is_read_is_no_surplus(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    objects = [*scores(25), otus.record("scores", id="r003", points=1, updated_at="2026-10-01T12:00:01Z")]
    serve(otus.world(scores=objects), page_cap=10, total="wrong", total_off_by=-1)
    counts = extract()["collections"]["scores"]
    assert counts == {"declared": 25, "received": 25, "quarantined": 0}
    points = otus.select(database_uri, "select points from staging.otus_score where id = 'r003'")
    assert points == [{"points": 1.0}]


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"repeat_cursor": True}, r"page 2 of scores names a next page that was read before"),
        ({"repeat_page": True}, r"page 2 of scores holds the same records as page 1"),
    ],
)
def test_a_listing_that_repeats_itself_is_refused(
    switches: dict[str, bool], message: str, database_uri: str, serve: Serve, extract: Extract
) -> None:
    serve(otus.world(scores=scores(25)), page_cap=10, **switches)
    with pytest.raises(Terminal, match=message):
        extract()
    assert otus.select(database_uri, STAGED) == []


@pytest.mark.parametrize(
    ("effect", "more", "error", "message"),
    [
        ("wrong_shape", {}, Terminal, r"page 1 of scores is not a page of the contract \(.*`data`"),
        ("not_json", {"times": None}, Terminal, r"page 1 of scores is not JSON, 3 times over"),
        ("truncate", {"times": None}, Terminal, r"page 1 of scores is not JSON, 3 times over"),
        ("html", {"status": 200}, Transient, r"page 1 of scores is a web page \(status 200\)"),
        ("status", {"status": 400, "message": "bad limit"}, Terminal, r"page 1 of scores: .* 400 \(bad limit\)"),
        ("status", {"status": 404}, Terminal, r"page 1 of scores: Otus answers 404"),
        ("status", {"status": 302}, Terminal, r"page 1 of scores: Otus answers 302"),
        ("status", {"status": 500, "times": None}, Transient, r"page 1 of scores cannot be read: Otus answers 500"),
        ("html", {"status": 503, "times": None}, Transient, r"answers 503 with a web page, after \d+ attempts"),
        ("drop_before_commit", {"times": None}, Transient, r"page 1 of scores cannot be read: the connection failed"),
        ("throttle", {"times": None, "retry_after": 99}, Transient, r"Otus asks to wait \(429\), after 1 attempts"),
    ],
)
def test_an_answer_that_is_no_page_ends_in_a_clear_message(
    effect: str, more: dict[str, Any], error: type[Exception], message: str, database_uri: str, serve: Serve,
    extract: Extract,
) -> None:  # fmt: skip
    serve(otus.world()).control.otus.fault(effect, kind="scores", **more)
    with pytest.raises(error, match=message):
        extract()
    assert otus.select(database_uri, "select * from staging.otus_user") == []


@pytest.mark.parametrize("effect", ["drop_before_commit", "truncate", "not_json"])
def test_a_torn_answer_is_asked_for_again(effect: str, serve: Serve, extract: Extract) -> None:
    serve(otus.world()).control.otus.fault(effect, kind="scores", times=2)
    assert extract()["requests"] == {"total": 8, "retried": 2, "throttled": 0}


def test_an_outage_that_passes_is_waited_for(serve: Serve, extract: Extract) -> None:
    serve(otus.world()).control.otus.fault("status", kind="assignments", status=503, times=3)
    assert extract()["requests"] == {"total": 9, "retried": 3, "throttled": 0}


def test_a_server_that_asks_to_wait_is_given_its_time(serve: Serve, extract: Extract) -> None:
    serve(otus.world()).control.otus.fault("throttle", kind="scores", retry_after=1)
    started = time.monotonic()
    assert extract()["requests"] == {"total": 7, "retried": 1, "throttled": 1}
    assert time.monotonic() - started >= 1


def test_a_refused_token_names_the_connection_and_not_the_token(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    sandbox = serve(otus.world(), lasting_401=True)
    with pytest.raises(Terminal, match=r"refused the token \(401\).*connection `otus`") as caught:
        extract()
    assert caught.value.code == "AUTH_FAILED"
    assert sandbox.token not in str(caught.value)


def test_requests_are_counted_after_a_failure_too(serve: Serve, extract: Extract) -> None:
    serve(otus.world(), lasting_401=True)
    counts = RequestCounts()
    with pytest.raises(Terminal):
        extract(requests=counts)
    assert counts.total == 1


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        ('{"conn_type": "http", "host": "127.0.0.1", "schema": "http"}', "needs Otus's bearer token as password"),
        ('{"conn_type": "http", "password": "x"}', "needs a host"),
        ('{"conn_type": "http", "host": "ftp://otus", "password": "x"}', "http or https"),
    ],
)
def test_a_connection_that_lacks_something_is_told(
    connection: str, message: str, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", connection)
    with pytest.raises(Terminal, match=message):
        extract()


def test_the_connection_can_be_tested(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(otus.world())
    assert OtusHook().test_connection() == (True, "Otus answered with a page of users.")
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", '{"conn_type": "file", "extra": {"path": "/nowhere"}}')
    good, message = OtusHook().test_connection()
    assert not good
    assert "/nowhere/manifest.json is not there" in message
