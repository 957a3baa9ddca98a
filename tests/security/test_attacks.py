"""The pages' parameters and contents as a scanner attacks them: SQL, HTML, paths, numbers, sizes; never a 500."""

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import requests
from tests.security import payloads
from tests.security.answers_read import Elements, injected, wrong_headers
from tests.security.attacking import everything, judged, raw, send, target
from tests.security.routes import PAGES, READS, Known, Route, named
from tests.web.conftest import Visitor

from passback.reconciliation.folder import report_folder

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(600)]
# The status log's parameters are those of its rows, /log: once is enough.
ONCE = [route for route in READS if route.path != "/"]
# Pages that show no text of the database, or only what is in the settings.
IDLE = {"/configuration", "/errors"}


def rows_shown(answer: requests.Response) -> int:
    return sum(1 for tag, attributes in Elements(answer.text).found if attributes.get("data-testid") == "item")


@pytest.mark.parametrize("route", ONCE, ids=named)
def test_no_parameter_lets_sql_in(admin: Visitor, shown: Known, route: Route) -> None:
    before = everything(shown.uri)
    ours = {f"{name}:{attack}": send(admin, route, shown, **{name: attack}) for name in route.in_query
            for attack in payloads.SQL}  # fmt: skip
    assert {case: wrong for case, answer in ours.items() if (wrong := judged(answer))} == {}
    assert everything(shown.uri) == before


@pytest.mark.parametrize("name", ["q", "school", "code", "section", "teacher", "source", "status", "scores"])
def test_no_filter_is_widened_by_an_attack(admin: Visitor, shown: Known, name: str) -> None:
    (route,) = [route for route in READS if route.path == "/log"]
    assert rows_shown(send(admin, route, shown)) == 50
    for attack in payloads.SQL:
        answer = send(admin, route, shown, **{name: attack})
        expected = holding(shown, attack.strip()) if name == "q" else 0
        wide = answer.status_code == 200 and expected
        assert rows_shown(answer) == (min(50, expected) if wide else 0), (attack, rows_shown(answer))


def holding(known: Known, text: str) -> int:
    """How many items have the text in their title or as their id."""
    with psycopg.connect(known.uri) as connection:
        row = connection.execute(
            "select count(*) from passback.item_status "
            "where strpos(lower(title), lower(%s)) > 0 or source_item_id = %s",
            [text.replace("\x00", "?"), text.replace("\x00", "?")],
        ).fetchone()
    return int(row[0]) if row else -1


def test_a_wild_card_in_the_search_stands_for_itself(admin: Visitor, shown: Known) -> None:
    (route,) = [route for route in READS if route.path == "/log"]
    for wild in ("%", "_", "\\"):
        assert rows_shown(send(admin, route, shown, q=wild)) == min(50, holding(shown, wild)), wild


@pytest.mark.parametrize("route", READS, ids=named)
def test_no_parameter_is_shown_as_markup(admin: Visitor, shown: Known, route: Route) -> None:
    ours = {f"{name}:{attack}": send(admin, route, shown, **{name: attack}) for name in {*route.in_query, "unknown"}
            for attack in payloads.HTML}  # fmt: skip
    assert {case: wrong for case, answer in ours.items() if (wrong := judged(answer))} == {}
    assert not any("49" in answer.text and "{{7*7}}" in case and "7*7" not in answer.text and answer.status_code != 200
                   for case, answer in ours.items())  # fmt: skip


def test_an_attack_that_got_in_would_be_seen() -> None:
    for attack in (*payloads.HTML[:4], *payloads.HTML[6:8], payloads.EVERYWHERE, '<a href="javascript:atk()">x</a>'):
        assert list(injected(f"<p>{attack}</p>")), attack
        assert list(injected(f'<p title="{attack}">')) or '"' not in attack, attack
    assert list(injected('<p title="" onfocus=x>')) and not list(injected('<a href="run?dag_id=x">y</a>'))


# The report's files have a test of their own, below.
@pytest.mark.parametrize("route", [route for route in PAGES if route.path != "/report"], ids=named)
def test_no_text_of_the_database_is_shown_as_markup(admin: Visitor, hostile: Known, route: Route) -> None:
    answer = send(admin, route, hostile)
    assert answer.status_code == 200, answer.text
    assert judged(answer) == ""
    if route.path not in IDLE:
        assert "<atk" in "".join(Elements(answer.text).texts), "no attack is on this page"


def test_the_report_shows_no_text_as_markup_and_in_a_sandbox(admin: Visitor, hostile: Known) -> None:
    from passback.reconciliation import reconcile

    with psycopg.connect(hostile.uri, autocommit=True) as connection:
        connection.execute("update passback.run set run_id = 'atk-run' where run_id = %s", [hostile.run_id])
        row = connection.execute("select run_key from passback.run where run_id = 'atk-run'").fetchone()
    assert row is not None
    reconcile(hostile.uri, row[0], str(hostile.reports))
    (route,) = [route for route in READS if route.path == "/report"]
    page = send(admin, route, hostile, run_id="atk-run", name="reconciliation.html")
    assert page.headers["content-security-policy"].startswith("sandbox allow-downloads; default-src 'none'")
    assert page.headers["content-disposition"].startswith("inline")
    assert "<atk" in "".join(Elements(page.text).texts)
    assert [found for found in injected(page.text) if "style" not in found] == []
    for name in ("reconciliation.csv", "summary.json"):
        file = send(admin, route, hostile, run_id="atk-run", name=name)
        assert file.status_code == 200
        assert file.headers["content-disposition"].startswith("attachment")
        assert "html" not in file.headers["content-type"]
        assert list(wrong_headers(file)) == []


@pytest.mark.parametrize("attack", payloads.PATHS, ids=lambda attack: ascii(attack)[:30])
def test_no_name_leaves_the_report_or_the_static_files(admin: Visitor, shown: Known, attack: str) -> None:
    (route,) = [route for route in READS if route.path == "/report"]
    answers = [raw(admin, target(route, shown, **{name: attack})) for name in ("name", "run_id", "dag_id")]
    for as_it_is in (attack, quote(attack, safe=""), quote(quote(attack, safe=""), safe="")):
        if as_it_is.isascii() and as_it_is.isprintable() and " " not in as_it_is and as_it_is:
            answers.append(raw(admin, f"/passback/static/{as_it_is}"))
    for status, body in answers:
        assert status in (0, 400, 403, 404, 422), (status, body[:200])
        assert b"root:" not in body and b"jwt_secret" not in body and b"balanced" not in body


@pytest.mark.parametrize("kind", ["a file", "a folder", "the run", "the schools"])
def test_a_link_in_the_reports_leads_nowhere(admin: Visitor, shown: Known, kind: str, tmp_path: Path) -> None:
    (route,) = [route for route in READS if route.path == "/report"]
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("jwt_secret", encoding="utf-8")
    with psycopg.connect(shown.uri) as connection:
        row = connection.execute("select as_of, dag_id from passback.run where run_id = %s", [shown.run_id]).fetchone()
    assert row is not None
    folder = report_folder(str(shown.reports), row[1], row[0], shown.run_id)
    links = {"a file": folder / "linked.csv", "a folder": folder / "linked", "the run": folder,
             "the schools": folder / "schools"}  # fmt: skip
    link, aside = links[kind], folder.with_name("moved-aside-for-a-moment")
    moved = link.exists()
    if moved:
        link.rename(aside)
    link.symlink_to(outside / "secret.csv" if kind == "a file" else outside)
    try:
        for name in ("linked.csv", "linked/secret.csv", "schools/secret.csv", "secret.csv"):
            answer = send(admin, route, shown, name=name)
            assert (answer.status_code, "jwt_secret" in answer.text) == (404, False), name
    finally:
        link.unlink()
        if moved:
            aside.rename(link)


@pytest.mark.parametrize("route", ONCE, ids=named)
def test_a_number_that_is_none_is_refused_or_left_out(admin: Visitor, shown: Known, route: Route) -> None:
    ours = {f"{name}:{number[:40]}": send(admin, route, shown, **{name: number}) for name in route.in_query
            for number in payloads.NUMBERS}  # fmt: skip
    assert {case: wrong for case, answer in ours.items() if (wrong := judged(answer))} == {}


@pytest.mark.parametrize("header", ["Accept", "Accept-Language", "User-Agent", "Referer", "X-Requested-With", "Range"])
def test_no_header_of_a_request_comes_back(admin: Visitor, shown: Known, header: str) -> None:
    for route in PAGES:
        answer = admin.session.get(
            f"{admin.url}/passback{route.address(shown)}", params=route.needed(shown), timeout=60,
            headers={"Accept": "text/html", header: f"text/html, <atk>, {'a' * 8_000}"}, allow_redirects=False,
        )  # fmt: skip
        assert answer.status_code < 500
        assert "<atk>" not in answer.text and judged(answer) == ""


def test_a_line_break_in_a_parameter_makes_no_header(admin: Visitor, shown: Known) -> None:
    for route in READS:
        for name in route.in_query:
            for broken in (
                "x\r\nSet-Cookie: atk=1",
                "x\nLocation: //atk.example",
                "x\u0085X-Atk: 1",
                "x\u2028X-Atk: 1",
            ):
                answer = send(admin, route, shown, **{name: broken})
                assert answer.status_code < 500
                assert "atk" not in str(answer.headers).lower(), (route, name)


def test_the_home_s_files_are_their_owners_alone() -> None:
    home = Path(os.environ["PASSBACK_HOME"])
    for name in ("identity.json", "airflow/passwords.json"):
        assert hashlib.sha256((home / name).read_bytes()).hexdigest()
        assert (home / name).stat().st_mode & 0o077 == 0
