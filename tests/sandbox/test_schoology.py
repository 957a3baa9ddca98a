"""Schoology's contract over real HTTP: signatures, pages by links, deltas, multi-get, ids of both kinds."""

import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from sandbox.district import District
from sandbox.server import CONSUMER_KEY

from .conftest import App, listed

SECTION = "sections/4310001"


def outcome(app: App, **signing: Any) -> tuple[int, str]:
    answer = App(app.box, **signing).get(SECTION)
    return answer.status_code, "" if answer.ok else answer.text


def test_a_good_signature_opens_and_a_bad_one_does_not(app: App) -> None:
    assert outcome(app) == (200, "")
    assert outcome(app, secret="wrong") == (401, "Invalid signature")
    assert outcome(app, key="somebody") == (401, "Invalid consumer key or token")
    assert requests.get(f"{app.url}/v1/{SECTION}", timeout=5).status_code == 401


def test_the_signature_may_stand_in_the_query_and_an_empty_token_is_accepted(app: App) -> None:
    assert outcome(app, signature_type="QUERY") == (200, "")
    assert outcome(app, resource_owner_key="") == (200, "")
    assert outcome(app, resource_owner_key="a-token", resource_owner_secret="x")[0] == 401
    logged = app.control.log()[1]
    assert "oauth" not in json.dumps(logged)


def test_a_signature_covers_method_path_and_query(app: App) -> None:
    signed = app.session.prepare_request(requests.Request("GET", f"{app.url}/v1/{SECTION}/grades?limit=5"))
    signed = app.session.auth(signed)
    signed.url = signed.url.replace("limit=5", "limit=6")
    assert app.session.send(signed).status_code == 401


def test_a_nonce_is_good_once(app: App) -> None:
    signed = app.session.auth(app.session.prepare_request(requests.Request("GET", f"{app.url}/v1/{SECTION}")))
    plain = requests.Session()
    plain.trust_env = False
    assert plain.send(signed).status_code == 200
    again = plain.send(signed)
    assert (again.status_code, again.text) == (401, "Duplicate timestamp/nonce combination")


@pytest.mark.parametrize(("off", "status"), [(-290, 200), (-310, 401), (310, 401)])
def test_a_timestamp_is_good_for_five_minutes_on_either_side(app: App, off: int, status: int) -> None:
    assert outcome(app, timestamp=str(int(time.time()) + off))[0] == status


def test_plaintext_is_refused_until_the_switch_allows_it(app: App) -> None:
    assert outcome(app, signature_method="PLAINTEXT")[0] == 401
    app.control.switches(plaintext=True)
    assert outcome(app, signature_method="PLAINTEXT") == (200, "")
    assert outcome(app, signature_method="PLAINTEXT", secret="wrong")[0] == 401
    assert outcome(app, signature_method="HMAC-SHA256")[0] == 401


def test_links_lead_through_every_record_once(app: App, classes: District) -> None:
    for path, held in [("grade_items", classes.schoology[0].items), ("grades", classes.schoology[0].grades)]:
        app.control.switches(mix_ids=False)
        pages = app.pages(f"{SECTION}/{path}")
        assert [record for page in pages for record in listed(page)] == [json.loads(each) for each in held]
        assert {page["total"] for page in pages} == {len(held)}
        assert all(len(listed(page)) == 20 for page in pages[:-1])
        assert pages[0]["links"]["self"].startswith(f"{app.url}/v1/{SECTION}/{path}")


def test_no_more_than_the_cap_is_granted(app: App) -> None:
    page = app.get(f"{SECTION}/grades", limit=1000, start=3).json()
    assert len(listed(page)) == 200
    assert {"start=203", "limit=200"} == set(page["links"]["next"].partition("?")[2].split("&"))
    app.control.switches(page_cap=7)
    assert len(listed(app.get(f"{SECTION}/grades", limit=100).json())) == 7
    for query in ({"limit": 0}, {"limit": "all"}, {"start": -1}):
        assert app.get(f"{SECTION}/grades", **query).status_code == 400


def test_sections_are_found_by_up_to_fifty_school_codes(app: App) -> None:
    codes = [str(85000 + number) for number in range(1, 52)]
    found = app.everything("sections", section_school_codes=",".join([*codes[:49], "99999"]))
    assert [str(each["section_school_code"]) for each in found] == codes[:49]
    assert found[0]["grading_periods"] == [435]
    assert app.get("sections", section_school_codes=",".join(codes)).status_code == 400
    assert app.get("sections").status_code == 400
    assert str(app.get("sections/ext/85002").json()["id"]) == "4310002"


def test_sections_can_share_a_school_code(app: App) -> None:
    app.control.edit_section("4310002", section_school_code="85001", active=False)
    found = app.everything("sections", section_school_codes="85001,85002")
    assert [(str(each["id"]), each["active"]) for each in found] == [("4310001", 1), ("4310002", 0)]
    with pytest.raises(ValueError, match="2 sections"):
        app.control.read("85001", "items")


def test_every_list_of_a_section_is_served(app: App) -> None:
    assert app.everything(f"{SECTION}/grading_categories")[0]["title"] == "Tests"
    assert app.everything(f"{SECTION}/grading_periods")[0]["end"] == "2026-10-23 00:00:00"
    assert len(app.everything(f"{SECTION}/enrollments")) == 6
    assert len(app.everything(f"{SECTION}/assignments")) == 45
    for path in ("sections/1", "sections/1/grades", f"{SECTION}/comments", "users"):
        assert app.get(path).status_code == 404


def test_ids_are_numbers_here_and_texts_there_and_always_the_same(app: App) -> None:
    items, grades = app.everything(f"{SECTION}/grade_items"), app.everything(f"{SECTION}/grades")
    assert {type(item["id"]) for item in items} == {int, str}
    as_item = {str(item["id"]): type(item["id"]) for item in items}
    as_grade = {str(grade["assignment_id"]): type(grade["assignment_id"]) for grade in grades}
    assert as_item.keys() == as_grade.keys()
    assert as_item != as_grade
    assert app.everything(f"{SECTION}/grade_items") == items
    app.control.switches(mix_seed=2)
    assert app.everything(f"{SECTION}/grade_items") != items


def test_mixing_never_touches_what_only_looks_like_an_id(app: App) -> None:
    tricky = {"id": "7", "title": '"id":"12345", "total":7,', "assignees": '["9001",9002]', "max_points": "0100"}
    app.control.switches(mix_ids=True)
    for number in range(20):
        app.control.upsert("4310001", "items", {**tricky, "id": str(700000 + number), "uid": "0042"})
    for item in app.everything(f"{SECTION}/grade_items")[-20:]:
        assert (item["title"], item["assignees"]) == (tricky["title"], tricky["assignees"])
        assert (item["max_points"], item["uid"]) == ("0100", "0042")


def test_grades_since_a_time_are_inclusive_and_the_date_header_leads_to_the_next_run(app: App) -> None:
    now = app.control.set_clock("2026-10-16T07:00:00Z")
    first = app.get(f"{SECTION}/grades", timestamp=1790000045)
    assert int(parsedate_to_datetime(first.headers["Date"]).timestamp()) == now
    assert len(listed(first.json())) == 6
    app.control.grade("4310001", 101, 9003, grade="77")
    changed = app.everything(f"{SECTION}/grades", timestamp=now)
    assert [(str(each["assignment_id"]), each["grade"], each["timestamp"]) for each in changed] == [("101", "77", now)]
    assert app.everything(f"{SECTION}/grades", timestamp=now + 1) == []
    assert app.get(f"{SECTION}/grades", timestamp="2026-10-16").status_code == 400
    app.control.advance(60)
    assert parsedate_to_datetime(app.get(SECTION).headers["Date"]).timestamp() == now + 60


def test_a_delta_is_paged_with_its_own_total_and_keeps_its_question(app: App) -> None:
    pages = app.pages(f"{SECTION}/grades", timestamp=1790000041)
    assert [len(listed(page)) for page in pages] == [20, 10]
    assert {str(page["total"]) for page in pages} == {"30"}


def test_a_multiget_answers_every_path_with_its_own_code(app: App) -> None:
    asked = [f"/v1/{SECTION}/grade_items", "/v1/sections/1/grades", "/v1/sections/ext/85003", f"/v1/{SECTION}"]
    answers = app.subanswers(*asked)
    assert [(each["location"], each["response_code"]) for each in answers] == list(
        zip(asked, [200, 404, 200, 200], strict=True)
    )
    assert answers[0]["body"] == app.get(f"{SECTION}/grade_items").json()
    assert len(listed(app.get(answers[0]["body"]["links"]["next"]).json())) == 20
    entry = app.control.log(kind="multiget")[0]
    assert (entry["body"], entry["status"]) == (asked, 200)


def test_a_multigets_path_may_carry_a_query(app: App) -> None:
    (answer,) = app.subanswers(f"/v1/{SECTION}/grades?timestamp=1790000044&limit=5&start=5")
    assert len(listed(answer["body"])) == 5
    assert re.search(r"timestamp=1790000044&limit=5&start=10", answer["body"]["links"]["next"])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no xml",
        '{"request":[]}',
        "<requests></requests>",
        "<wrong><request>/v1/sections/4310001</request></wrong>",
        "<requests><request>/v1/sections/4310001/grading_categories</request></requests>",
        "<requests><request>/v1/sections?section_school_codes=85001</request></requests>",
        '<!DOCTYPE r [<!ENTITY e "x">]><requests><request>/v1/sections/4310001</request></requests>',
        "<requests>" + "<request>/v1/sections/4310001</request>" * 51 + "</requests>",
        "<requests>" + " " * 70_000 + "<request>/v1/sections/4310001</request></requests>",
    ],
)
def test_a_multiget_that_is_not_as_documented_is_400(app: App, body: str) -> None:
    assert app.post(body).status_code == 400


def test_fifty_paths_are_one_request(app: App) -> None:
    app.control.switches(requests_per_5_seconds=2)
    paths = [f"/v1/sections/{4310000 + number}/grades" for number in range(1, 51)]
    answers = app.subanswers(*paths)
    assert [each["response_code"] for each in answers] == [200] * 50
    assert app.get(SECTION).status_code == 200
    assert app.get(SECTION).status_code == 429


def test_the_log_shows_the_kinds_of_requests(app: App) -> None:
    for path in (SECTION, "sections/ext/85001", f"{SECTION}/grades", f"{SECTION}/enrollments", "nothing"):
        app.get(path)
    app.get("sections", section_school_codes="85001")
    app.multiget(f"/v1/{SECTION}")
    kinds = ["sections:id", "sections:ext", "grades", "enrollments", "unknown", "sections", "multiget"]
    assert [entry["kind"] for entry in app.control.log()] == kinds
    assert len(app.control.log(kind="sections")) == 3
    assert app.control.state() == {
        "sections": 60,
        "items": 45 + 59 * 2,
        "grades": 45 * 6 + 59 * 4,
        "categories": 60,
        "periods": 60,
        "enrollments": 6 + 59 * 2,
    }


def test_the_connection_names_key_and_secret(app: App) -> None:
    connection = json.loads(app.box.connections()["AIRFLOW_CONN_SCHOOLOGY"])
    assert set(connection) == {"conn_type", "host", "port", "schema", "login", "password"}
    assert (connection["login"], connection["conn_type"]) == (CONSUMER_KEY, "http")
    found = App(app.box, key=connection["login"], secret=connection["password"]).get(SECTION)
    assert found.status_code == 200
