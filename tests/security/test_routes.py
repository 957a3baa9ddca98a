"""The pages' routes as somebody attacks them: who gets in, from where, by which method; new routes too."""

import base64
import concurrent.futures
import http.client
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from tests.security.answers_read import wrong_headers
from tests.security.routes import METHODS, READS, ROUTES, WRITES, Known, Route, named
from tests.security.tokens import signed
from tests.web.conftest import Visitor

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(600)]


def ask(visitor: Visitor, route: Route, known: Known, **options: Any) -> requests.Response:
    """A good request to the route as the visitor's browser makes it, unless changed by `options`."""
    body = {} if route.reads else {"json": route.body(known)}
    headers = {"Accept": "text/html", "Origin": visitor.url} | options.pop("headers", {})
    given: dict[str, Any] = {"params": route.needed(known), "timeout": 60, "allow_redirects": False} | body | options
    method = given.pop("method", route.method)
    address = f"{visitor.url}/passback{route.address(known)}"
    return visitor.session.request(method, address, headers=headers, **given)


def opt_outs(known: Known) -> int:
    with psycopg.connect(known.uri) as connection:
        row = connection.execute("select count(*) from passback.opt_out").fetchone()
    return int(row[0]) if row else -1


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_route_opens_to_nobody_without_a_log_in(anonymous: Visitor, shown: Known, route: Route) -> None:
    for method in METHODS:
        answer = ask(anonymous, route, shown, method=method)
        assert answer.status_code in ((401,) if method == route.method else (401, 405)), method
        assert shown.title not in answer.text
        assert list(wrong_headers(answer)) == [], method


def b64(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_no_forged_token_opens_anything(anonymous: Visitor, shown: Known) -> None:
    import jwt

    claims = {"sub": "admin", "role": "ADMIN", "aud": "apache-airflow", "exp": 4_000_000_000, "iat": 1}
    forged = [
        signed("a secret of somebody else's, and long enough for its kind of signature, is it", "admin", "ADMIN"),
        signed("", "admin", "ADMIN", algorithm="none"),
        jwt.encode(claims, "", algorithm="none").replace(b64(b'{"alg":"none"'), b64(b'{"alg":"None"')),
        "", "x", "a.b.c", "null", "eyJhbGciOiJub25lIn0.e30.", "../../etc/passwd", "\u00e9",
    ]  # fmt: skip
    for token in forged:
        for headers in ({"Cookie": f"_token={token}".encode()}, {"Authorization": f"Bearer {token}".encode()}):
            for route in ROUTES:
                answer = ask(anonymous, route, shown, headers=headers)
                assert answer.status_code in (401, 403), (token, route)
                assert shown.title not in answer.text


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_whoever_may_not_read_the_dag_sees_nothing(without_rights: Visitor, shown: Known, route: Route) -> None:
    answer = ask(without_rights, route, shown)
    assert answer.status_code == 403
    assert shown.title not in answer.text


@pytest.mark.parametrize("route", READS, ids=named)
def test_whoever_may_read_the_dag_may_read_every_page_and_by_no_other_method(
    viewer: Visitor, shown: Known, route: Route
) -> None:
    answer = ask(viewer, route, shown)
    assert answer.status_code == 200, answer.text
    assert list(wrong_headers(answer)) == []
    assert "set-cookie" not in answer.headers
    for method in METHODS:
        if method != "GET":
            other = ask(viewer, route, shown, method=method)
            assert other.status_code == 405, (method, other.text)
            assert list(wrong_headers(other)) == []


@pytest.mark.parametrize("route", WRITES, ids=named)
def test_whoever_may_only_read_writes_nothing(viewer: Visitor, shown: Known, route: Route) -> None:
    before = opt_outs(shown)
    answer = ask(viewer, route, shown)
    assert (answer.status_code, opt_outs(shown)) == (403, before)


FOREIGN = [
    {"Origin": ""}, {"Origin": "null"}, {"Origin": "https://elsewhere.example"}, {"Origin": "http://127.0.0.1"},
    {"Origin": "{own}.elsewhere.example"}, {"Origin": "{own}@elsewhere.example"}, {"Origin": "{own}/"},
    {"Origin": "{own}, https://elsewhere.example"}, {"Origin": "https://{host}"}, {"Origin": "{upper}"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "Same-Origin"}, {"Origin": "https://elsewhere.example", "Referer": "{own}/passback/"},
    {"Origin": "https://elsewhere.example", "X-Forwarded-Host": "elsewhere.example"},
    {"Origin": "https://elsewhere.example", "Authorization": "Basic YWRtaW46YWRtaW4="},
    {"Origin": "https://elsewhere.example", "Authorization": "bearerx"},
    {"Origin": "https://elsewhere.example", "X-HTTP-Method-Override": "GET"},
]  # fmt: skip


@pytest.mark.parametrize("route", WRITES, ids=named)
def test_a_write_that_another_page_sends_is_refused(admin: Visitor, shown: Known, route: Route) -> None:
    before = opt_outs(shown)
    host = urlsplit(admin.url).netloc
    for foreign in FOREIGN:
        own = {"own": admin.url, "host": host, "upper": admin.url.upper()}
        headers = {name: value.format(**own) for name, value in foreign.items()}
        answer = ask(admin, route, shown, headers=headers)
        assert answer.status_code == 403, (headers, answer.text)
        assert list(wrong_headers(answer)) == []
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        sent = {"Origin": "https://elsewhere.example", "Content-Type": kind}
        form = ask(admin, route, shown, headers=sent, json=None, data='{"section_dcid":85001,"opted_out":true}')
        assert form.status_code in (403, 422), kind
    assert opt_outs(shown) == before


@pytest.mark.parametrize("route", WRITES, ids=named)
def test_a_body_that_says_it_is_no_json_is_not_read_as_such(admin: Visitor, shown: Known, route: Route) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "text/html", "application/xml", ""):
        answer = ask(
            admin, route, shown, headers={"Content-Type": kind}, json=None, data='{"section_dcid":1,"opted_out":true}'
        )
        assert 400 <= answer.status_code < 500, (kind, answer.status_code)
        assert answer.status_code != 404, "it was read"


def test_a_bearer_token_needs_no_origin(admin: Visitor, viewer: Visitor, shown: Known) -> None:
    url = f"{admin.url}/passback/api/opt-out"
    body = {"section_dcid": shown.section, "opted_out": True}
    allowed, refused = (
        requests.post(url, json=body, headers={"Authorization": f"Bearer {visitor.token}"}, timeout=60)
        for visitor in (admin, viewer)
    )
    assert (allowed.status_code, refused.status_code) == (200, 403)
    # Beside a token of one's own the cookie of another counts for nothing.
    with_cookie = viewer.session.post(url, json=body, headers={"Authorization": "Bearer x"}, timeout=60)
    assert with_cookie.status_code in (401, 403)


def test_an_address_from_the_request_is_believed_nowhere(admin: Visitor, shown: Known) -> None:
    forwarded = {"Host": "atk.example", "X-Forwarded-Host": "atk.example", "X-Forwarded-Proto": "https",
                 "X-Original-URL": "/atk", "Forwarded": "host=atk.example"}  # fmt: skip
    for route in READS:
        answer = ask(admin, route, shown, headers=forwarded | {"Cookie": f"_token={admin.token}"})
        assert answer.status_code == 200
        assert "atk" not in answer.text.lower().replace("atk()", "") and "location" not in answer.headers


@pytest.mark.parametrize("path", ["//atk.example", "/%2f%2fatk.example", "/\\atk.example", "//atk.example/..", "/run/",
                                  "/errors/", "/;@atk.example", "/%0d%0aLocation:%20//atk.example"])  # fmt: skip
def test_no_address_leads_elsewhere(admin: Visitor, path: str) -> None:
    answer = raw(admin, "GET", f"/passback{path}")
    assert answer.status in (400, 404), answer.status
    assert "location" not in {name.lower() for name, _ in answer.getheaders()}


def raw(visitor: Visitor, method: str, target: str, **headers: str) -> http.client.HTTPResponse:
    """A request whose target is sent as it is: no client puts it in order first."""
    connection = http.client.HTTPConnection(urlsplit(visitor.url).netloc, timeout=60)
    connection.putrequest(method, target, skip_accept_encoding=True)
    connection._validate_path = lambda url: None  # type: ignore[attr-defined]
    for name, value in {"Cookie": f"_token={visitor.token}", **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    return answer


def test_many_clicks_at_once_switch_once(admin: Visitor, shown: Known) -> None:
    wanted = {"source": shown.item[0], "source_item_id": shown.item[1], "opted_out": True}
    before = opt_outs(shown)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Visitor.post(admin, "api/opt-out", wanted), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert [answer.json()["changed"] for answer in answers].count(True) == 1
    assert opt_outs(shown) == before + 1
