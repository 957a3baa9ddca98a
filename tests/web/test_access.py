"""Every page and route behind Airflow's log-in and permissions; writes from foreign pages are refused."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests
from tests.web.conftest import Visitor
from tests.web.log_world import LogWorld

from passback.local.rest import Airflow
from passback.web.app import pages

READS = ["", "log", "errors", "configuration", "icon.svg", "static/passback.css", "problem?source=otus&id=A1"]
SYNC, OPT_OUT = {"section_dcid": 85001}, {"section_dcid": 85001, "opted_out": True}


def routes() -> set[tuple[str, str]]:
    return {
        (method, route.path.lstrip("/"))
        for route in pages.routes
        for method in getattr(route, "methods", None) or {"GET"}
        if method != "HEAD"
    }


def as_sent(path: str) -> str:
    return path.replace("{name}", "passback.css").replace("{path:path}", "x")


def test_nobody_sees_any_route_without_logging_in(anonymous: Visitor, district: object) -> None:
    for method, path in sorted(routes()):
        address = f"{anonymous.url}/passback/{as_sent(path)}"
        answer = anonymous.session.request(method, address, headers={"Origin": anonymous.url}, json={}, timeout=60)
        assert answer.status_code == 401, (method, path, answer.status_code)


def test_a_page_for_nobody_leads_to_the_log_in(anonymous: Visitor) -> None:
    answer = anonymous.get("")
    assert answer.status_code == 401
    assert "text/html" in answer.headers["content-type"]
    assert "../auth/login" in answer.text


def test_a_forged_token_is_refused(anonymous: Visitor) -> None:
    anonymous.session.cookies.set("_token", "eyJhbGciOiJub25lIn0.e30.")
    assert anonymous.get("").status_code in (401, 403)


def test_no_description_of_the_api_is_public(anonymous: Visitor) -> None:
    for path in ("openapi.json", "docs", "redoc"):
        assert anonymous.get(path).status_code == 404


def test_a_viewer_reads_and_does_not_write(viewer: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    log_world.item(item_id="A1")
    for path in READS:
        assert viewer.get(path).status_code == 200, path
    for route, body in (("api/sync", SYNC), ("api/opt-out", OPT_OUT)):
        answer = viewer.post(route, body)
        assert answer.status_code == 403
        assert "you need the right" in answer.json()["detail"]
    assert log_world.connection.execute("select count(*) from passback.opt_out").fetchone() == (0,)


def test_a_viewer_is_shown_no_button_that_would_be_refused(
    viewer: Visitor, admin: Visitor, log_world: LogWorld
) -> None:
    log_world.section()
    log_world.item("Quiz", "CATEGORY_REQUIRED")
    assert "data-sync" in admin.get("").text
    page = viewer.get("").text
    assert "data-sync" not in page
    assert "View error" in page


@pytest.mark.parametrize("route, body", [("api/sync", SYNC), ("api/opt-out", OPT_OUT)])
def test_a_write_from_a_foreign_page_is_refused(admin: Visitor, log_world: LogWorld, route: str, body: object) -> None:
    log_world.section()
    for origin in (None, "https://elsewhere.example", "null", f"{admin.url}.elsewhere.example", "http://127.0.0.1:1"):
        assert admin.post(route, body, origin=origin).status_code == 403, origin
    assert admin.post(route, body, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert admin.post(route, body, **{"Sec-Fetch-Site": "same-site"}).status_code == 403
    form = {"Origin": "https://elsewhere.example", "Content-Type": "text/plain"}
    sent = admin.session.post(f"{admin.url}/passback/{route}", data="{}", headers=form, timeout=60)
    assert sent.status_code == 403


def test_a_bearer_token_needs_no_origin_and_a_made_up_one_opens_nothing(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    bare = requests.Session()
    bare.trust_env = False
    url = f"{admin.url}/passback/api/opt-out"
    answer = bare.post(url, json=OPT_OUT, headers={"Authorization": f"Bearer {admin.token}"}, timeout=60)
    assert answer.status_code == 200, answer.text
    forged = admin.post("api/opt-out", OPT_OUT, origin=None, Authorization="Bearer x")
    assert forged.status_code in (401, 403)
    assert admin.post("api/opt-out", OPT_OUT, origin=None, Authorization="Basic eDp5").status_code == 403


def test_every_answer_has_its_security_headers(admin: Visitor, anonymous: Visitor, log_world: LogWorld) -> None:
    answers = [
        admin.get(""),
        admin.get("static/shell.js"),
        admin.get("nowhere"),
        anonymous.get(""),
        admin.post("api/sync", {}),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'self'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
    assert admin.get("").headers["cache-control"] == "no-store"


def test_no_address_in_a_page_leads_outside(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    log_world.item("Quiz", "CATEGORY_REQUIRED")
    for path in ("", "errors", "configuration"):
        text = admin.get(path).text
        assert "://" not in text.replace("http://www.w3.org/2000/svg", ""), path
        assert 'href="/' not in text and 'src="/' not in text, path
        assert "<script>" not in text and "style=" not in text and "onclick" not in text, path


def test_airflow_shows_an_entry_and_a_tab(running_airflow: Airflow) -> None:
    plugins = running_airflow.call("GET", "plugins", params={"limit": 50})["plugins"]
    ours = next(plugin for plugin in plugins if plugin["name"] == "passback")
    views = {view["destination"]: view for view in ours["external_views"]}
    assert views["nav"]["url_route"] == "passback"
    assert "{RUN_ID}" in views["dag_run"]["href"]
    assert not any(view["href"].startswith(("/", "http")) for view in views.values())
    assert running_airflow.call("GET", "plugins/importErrors")["import_errors"] == []


def test_a_process_that_only_loads_the_plugin_loads_no_page(clean_environment: dict[str, str], project: Path) -> None:
    look = "import sys, passback_plugin; print([name for name in sys.modules if name.startswith('passback.')])"
    told = subprocess.run(
        [sys.executable, "-c", look], env=clean_environment | {"PYTHONPATH": str(project / "plugins")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.splitlines()[-1] == "[]"


def test_before_the_first_night_the_pages_say_so(admin: Visitor, empty_running_database: None) -> None:
    for path in ("", "errors", "configuration"):
        answer = admin.get(path)
        assert answer.status_code == 200, path
    assert "No night has run yet" in admin.get("").text
    assert admin.get("icon.svg").status_code == 200
    assert admin.post("api/opt-out", OPT_OUT).status_code == 409
