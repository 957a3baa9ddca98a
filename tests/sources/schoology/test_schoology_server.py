"""Every way in which Schoology can be difficult: signatures, limits, torn answers, and sections that refuse."""

import json
import logging
import time
from typing import Any

import pytest
from tests.sources.schoology import world
from tests.sources.schoology.conftest import Extract, Serve
from tests.sources.schoology.world import column

from passback.errors import Terminal, Transient
from passback.hooks.patience import RequestCounts
from passback.hooks.schoology import SchoologyHook
from passback.sources.schoology import client

NOTE = "select message from passback.run_note"
GRADES = "select count(*) from staging.schoology_grade"


@pytest.fixture(autouse=True)
def roster(database_uri: str) -> None:
    world.roster(database_uri, [85001, 85002, 85003])


def three() -> list[world.SchoologySection]:
    return [world.section(number) for number in (1, 2, 3)]


def test_every_request_is_signed_and_no_nonce_is_used_twice(database_uri: str, serve: Serve, extract: Extract) -> None:
    control = serve(*three(), redirects=True).control.schoology
    extract(multiget=1)
    assert {entry["status"] for entry in control.log()} == {200, 303}
    assert column(database_uri, GRADES) == [3]


def test_a_replayed_nonce_is_repeated_with_a_fresh_one(serve: Serve, extract: Extract) -> None:
    control = serve(*three()).control.schoology
    control.fault("status", kind="sections", status=401, message="Duplicate timestamp/nonce combination", times=2)
    assert extract()["requests"] == {"total": 8, "retried": 2, "throttled": 0}


@pytest.mark.parametrize(
    ("said", "hint"), [("Invalid signature", "school app"), ("Expired timestamp", "this machine's clock")]
)
def test_a_refused_signature_stops_the_source_with_what_to_do_and_without_the_secret(
    said: str, hint: str, serve: Serve, extract: Extract, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox = serve(*three())
    sandbox.control.schoology.fault("status", kind="sections", status=401, message=said, times=None)
    counts = RequestCounts()
    with pytest.raises(Terminal, match=r"refused the signature \(401\).*2025-06-25") as caught:
        extract(requests=counts)
    assert caught.value.code == "AUTH_FAILED"
    assert hint in str(caught.value)
    assert sandbox.consumer_secret not in str(caught.value) + caplog.text
    assert counts.total == 1


@pytest.mark.parametrize("multiget", [50, 1])
def test_a_key_that_may_not_see_the_sections_is_an_authentication_failure(
    multiget: int, serve: Serve, extract: Extract
) -> None:
    serve(*three(), section_status={str(number): 401 for number in (85001, 85002, 85003)})
    with pytest.raises(Terminal, match="school app") as caught:
        extract(multiget=multiget)
    assert caught.value.code == "AUTH_FAILED"


def test_a_server_that_asks_to_wait_is_given_its_time(serve: Serve, extract: Extract) -> None:
    serve(*three()).control.schoology.fault("throttle", kind="sections", retry_after=1)
    started = time.monotonic()
    assert extract()["requests"] == {"total": 7, "retried": 1, "throttled": 1}
    assert time.monotonic() - started >= 1


def test_a_wait_that_is_too_long_is_left_to_a_later_attempt(
    serve: Serve, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 3.0)
    serve(*three()).control.schoology.fault("throttle", kind="sections", retry_after=99)
    with pytest.raises(Transient, match=r"Schoology asks to wait \(429\), after 1 attempts"):
        extract()
    with pytest.raises(Transient, match="asked all of us to wait"):
        extract()


def test_our_own_limit_keeps_the_servers(database_uri: str, serve: Serve, extract: Extract, settings: Any) -> None:
    object.__setattr__(settings.schoology, "requests_per_5_seconds", 3)
    control = serve(*three(), requests_per_5_seconds=3).control.schoology
    assert extract()["requests"]["throttled"] == 0
    arrived = [entry["at"] for entry in control.log()]
    assert all(later - sooner >= 5 for sooner, later in zip(arrived, arrived[3:], strict=False))


@pytest.mark.parametrize("effect", ["drop_before_commit", "truncate", "not_json", "wrong_shape"])
def test_a_torn_answer_is_asked_for_again(effect: str, database_uri: str, serve: Serve, extract: Extract) -> None:
    serve(*three()).control.schoology.fault(effect, kind="sections", times=2)
    extract()
    assert column(database_uri, GRADES) == [3]


@pytest.mark.parametrize("form", ["other_shape", "html", "404"])
def test_without_multiget_everything_is_read_singly(
    form: str, database_uri: str, serve: Serve, extract: Extract
) -> None:
    control = serve(*three(), multiget=form).control.schoology
    extract()
    assert column(database_uri, GRADES) == [3]
    counts = control.counts()
    assert (counts["multiget"], counts["grades"], counts["grade_items"]) == (1, 3, 3)


@pytest.mark.parametrize("effect", ["truncate", "not_json", "status"])
def test_a_multiget_that_stays_broken_is_left_for_single_requests(
    effect: str, database_uri: str, serve: Serve, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 2.0)
    serve(*three()).control.schoology.fault(effect, kind="multiget", status=500, times=None)
    extract()
    assert column(database_uri, GRADES) == [3]


@pytest.mark.parametrize("switches", [{"links": "relative"}, {"redirects": True}, {"mix_ids": False}])
def test_links_redirects_and_ids_may_be_of_either_form(
    switches: dict[str, Any], database_uri: str, serve: Serve, extract: Extract
) -> None:
    grades = [world.grade(enrollment_id=number) for number in range(1, 26)]
    serve(world.section(grades=grades), page_cap=10, **switches)
    extract()
    assert column(database_uri, GRADES) == [25]


@pytest.mark.parametrize("multiget", [50, 1])
@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_section_that_alone_cannot_be_read_is_judged_as_last_known(
    status: int, multiget: int, database_uri: str, serve: Serve, extract: Extract
) -> None:
    control = serve(*three()).control.schoology
    extract()
    control.switches(section_status={"4002": status})
    for section in (4001, 4002):
        control.do("grade", section=section, item_id=5001, enrollment_id=701, grade=5)
    found = extract(multiget=multiget)
    assert (found["failed"], found["read"], found["full"]) == (1, 2, False)
    grades = column(database_uri, "select grade from staging.schoology_grade order by id")
    assert grades == [5.0, 87.5, 87.5]
    (note,) = column(database_uri, NOTE)
    assert note.startswith("1 section (4002) of Schoology cannot be read, or not wholly")
    assert str(status) in note
    assert column(database_uri, "select state from passback.run_source") == ["read", "read"]
    control.switches(section_status={})
    extract()
    assert column(database_uri, "select grade from staging.schoology_grade order by id") == [5.0, 5.0, 87.5]


@pytest.mark.parametrize(("status", "error"), [(403, Terminal), (500, Transient)])
def test_where_most_sections_cannot_be_read_it_is_the_source(
    status: int, error: type[Exception], database_uri: str, serve: Serve, extract: Extract
) -> None:
    serve(*three(), section_status={"4001": status, "4002": status})
    with pytest.raises(error, match="2 of 3 sections of Schoology cannot be read"):
        extract()
    assert column(database_uri, "select finished_at from passback.extraction") == [None]
    assert column(database_uri, "select * from passback.run_source") == []


@pytest.mark.parametrize(
    ("effect", "more", "error", "message"),
    [
        ("not_json", {"times": None}, Terminal, r"page 1 of sections is not JSON, 3 times over"),
        ("wrong_shape", {"times": None}, Terminal, r"page 1 of sections is not a page of the contract"),
        ("html", {"status": 200}, Transient, r"page 1 of sections is a web page \(status 200\)"),
        ("status", {"status": 400}, Terminal, r"page 1 of sections: Schoology answers 400"),
        ("status", {"status": 500, "times": None}, Transient, r"page 1 of sections cannot be read: Schoology answers"),
        ("drop_before_commit", {"times": None}, Transient, r"page 1 of sections cannot be read: the connection failed"),
    ],
)
def test_what_fails_everywhere_fails_the_source(
    effect: str, more: dict[str, Any], error: type[Exception], message: str, serve: Serve, extract: Extract,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 1.0)
    serve(*three()).control.schoology.fault(effect, kind="sections", **more)
    with pytest.raises(error, match=message):
        extract()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"login": ""}, "needs the school app's consumer key as login"),
        ({"password": ""}, "needs its secret as password"),
        ({"host": ""}, "needs a host"),
        ({"extra": {"signature_method": "RSA-SHA1"}}, "unknown signature_method"),
        ({"extra": {"signature_method": "PLAINTEXT"}}, "use https as schema"),
    ],
)
def test_a_connection_that_lacks_something_is_told(
    changes: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {"conn_type": "http", "host": "h", "schema": "http", "login": "key", "password": "secret"}
    monkeypatch.setenv("AIRFLOW_CONN_SCHOOLOGY", json.dumps({**whole, **changes}))
    with pytest.raises(Terminal, match=message):
        SchoologyHook().get_conn()


def test_plaintext_signatures_are_for_https(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"conn_type": "http", "host": "api.schoology.com", "login": "key", "password": "secret",
             "extra": {"signature_method": "PLAINTEXT"}}  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_SCHOOLOGY", json.dumps(given))
    made = SchoologyHook().get_conn()
    assert (made.base_url, made.signature_method) == ("https://api.schoology.com", "PLAINTEXT")
    assert "secret" not in repr(made)


def test_the_connection_can_be_tested(serve: Serve) -> None:
    control = serve(*three()).control.schoology
    assert SchoologyHook().test_connection() == (True, "Schoology answered with a page of sections.")
    control.switches(lasting_401=True)
    good, message = SchoologyHook().test_connection()
    assert not good
    assert "refused the signature" in message


@pytest.mark.parametrize(
    "link",
    ["http://elsewhere.example/v1/sections", "http://127.0.0.1:1/v1/sections", "//elsewhere.example/v1/x", "/login"],
)
def test_a_link_to_another_server_or_out_of_the_api_is_not_followed(link: str, serve: Serve) -> None:
    serve(*three())
    with pytest.raises(Terminal, match="not followed"):
        SchoologyHook().get_conn().own_target("the next page", link)


def test_what_a_section_lacks_is_asked_for_again_the_next_night(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85004])
    control = serve(*three(), world.section(4)).control.schoology
    control.fault("status", kind="enrollments", status=403, times=1)
    control.fault("status", kind="grading_categories", status=404, skip=1, times=1)
    found = extract()
    assert (found["failed"], found["read"]) == (2, 4)
    unread = "select section_id from passback.schoology_place where {}_read_at is null order by 1"
    assert column(database_uri, unread.format("enrollments")) == ["4001"]
    assert column(database_uri, unread.format("categories")) == ["4002"]
    assert extract()["failed"] == 0
    assert column(database_uri, unread.format("enrollments")) == []
    assert column(database_uri, "select count(distinct section_id) from staging.schoology_category") == [4]
