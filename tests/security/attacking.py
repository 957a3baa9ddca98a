"""Requests as an attacker makes them, and what may not be in any answer to one."""

import http.client
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import requests
from psycopg import sql
from tests.security.answers_read import injected, wrong_headers
from tests.security.routes import Known, Route
from tests.web.conftest import Visitor


def send(visitor: Visitor, route: Route, known: Known, **values: Any) -> requests.Response:
    """GET of the route with these parameters beside those that it needs."""
    return visitor.session.get(
        f"{visitor.url}/passback{route.address(known)}", params=route.needed(known) | values, timeout=60,
        headers={"Accept": "text/html"}, allow_redirects=False,
    )  # fmt: skip


def judged(answer: requests.Response) -> str:
    """What is wrong with an answer to an attack, whatever the attack was; '' where nothing is."""
    wrong = list(wrong_headers(answer)) if answer.status_code < 500 else [answer.text[:200]]
    if answer.status_code >= 500 or 300 <= answer.status_code < 400:
        wrong.append(f"status {answer.status_code}")
    if "html" in answer.headers.get("content-type", ""):
        wrong += injected(answer.text)
    if any(
        word in answer.text for word in ("Traceback", "psycopg", "SyntaxError", "syntax error", "/plugins/passback")
    ):
        wrong.append("tells of its inside")
    return "; ".join(wrong)


def everything(uri: str) -> dict[str, str]:
    """A mark of all rows of every table of ours."""
    with psycopg.connect(uri) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('staging', 'passback', 'public')"
        ).fetchall()
        marks = {}
        for schema, table in tables:
            rows = connection.execute(
                sql.SQL("select coalesce(sum(hashtextextended(t::text, 0)), 0)::text from {} as t").format(
                    sql.Identifier(schema, table)
                )
            ).fetchone()
            marks[f"{schema}.{table}"] = str(rows)
    return marks


def target(route: Route, known: Known, **values: str) -> str:
    return f"/passback{route.address(known)}?{urlencode(route.needed(known) | values)}"


def raw(visitor: Visitor, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """A request whose target and headers are sent as they are, in Latin-1; its answer, (0, b'') for a closed door."""
    connection = http.client.HTTPConnection(urlsplit(visitor.url).netloc, timeout=60)
    connection._validate_path = lambda url: None  # type: ignore[attr-defined]
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        given = {"Cookie": f"_token={visitor.token}", "Origin": visitor.url, **headers}
        for name, value in given.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (ConnectionError, http.client.RemoteDisconnected):
        return 0, b""
    finally:
        connection.close()
