"""The limits and peers that goals are measured against, taken in the same run on the same data."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import psycopg
import requests

from bench.naive import naive_seconds
from bench.world import World

SEQUENTIAL_CALLS = 400
SCORE_COLUMNS = "id, seq, updated_at, deleted, invalid, assignment_id, student_id, status, points, excluded"


def measure(world: World, requests_per_score: float) -> dict[str, Any]:
    """Seconds of each limit after all nights; what it makes in the databases is dropped again."""
    with psycopg.connect(world.uri, options="-c jit=off", autocommit=True) as connection:
        connection.execute("vacuum analyze passback.ledger_score")
        found: dict[str, Any] = {
            "raw_copy_seconds": _raw_copy(connection),
            "ledger_scan_seconds": min(_ledger_scan(connection) for _ in range(3)),
            "upsert_seconds": _upsert(connection),
        }
    found["download_seconds"] = _download(world)
    found["sequential_calls_per_second"] = _sequential(world)
    found["naive"] = naive_seconds(world, 1 / found["sequential_calls_per_second"], requests_per_score)
    return found


def _raw_copy(connection: psycopg.Connection) -> float:
    """The staged score rows, as text ready to go, by one COPY into a logged table without an index."""
    with connection.cursor().copy(f"copy staging.otus_score ({SCORE_COLUMNS}) to stdout") as outgoing:
        blocks = [bytes(block) for block in outgoing]
    text = b"".join(blocks)
    connection.execute("create table public.limit_copy (like staging.otus_score)")
    begun = time.perf_counter()
    with connection.cursor().copy(f"copy public.limit_copy ({SCORE_COLUMNS}) from stdin") as incoming:
        for start in range(0, len(text), 1 << 20):
            incoming.write(text[start : start + (1 << 20)])
    seconds = time.perf_counter() - begun
    connection.execute("drop table public.limit_copy")
    return round(seconds, 4)


def _ledger_scan(connection: psycopg.Connection) -> float:
    """A sequential scan that reads every column of the ledger that the plan compares."""
    connection.execute("set max_parallel_workers_per_gather = 0")
    begun = time.perf_counter()
    connection.execute("select count(*), sum(points_sent), sum(flags_sent) from passback.ledger_score")
    return round(time.perf_counter() - begun, 4)


def _upsert(connection: psycopg.Connection) -> float:
    """The whole ledger by one `insert … on conflict` from an analysed table into an empty one of its kind."""
    connection.execute("create table public.limit_ledger (like passback.ledger_score including all)")
    connection.execute("create table public.limit_accepted as select * from passback.ledger_score")
    connection.execute("analyze public.limit_accepted")
    begun = time.perf_counter()
    connection.execute(
        "insert into public.limit_ledger as l select * from public.limit_accepted"
        " on conflict (item_key, student_number) do update set points_sent = excluded.points_sent"
    )
    seconds = time.perf_counter() - begun
    connection.execute("drop table public.limit_ledger, public.limit_accepted")
    return round(seconds, 4)


def _download(world: World) -> float:
    """All pages of Otus's scores over one connection, read and thrown away."""
    otus = json.loads(world.product.connections["AIRFLOW_CONN_OTUS"])
    begun = time.perf_counter()
    cursor: str | None = ""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {otus['password']}"
        while cursor is not None:
            query = {"limit": "1000"} | ({"cursor": cursor} if cursor else {})
            page = session.get(f"http://{otus['host']}:{otus['port']}/v1/scores?{urlencode(query)}", timeout=60).content
            # Only the cursor is looked for: decoding is not part of the limit.
            end = page[-400:].partition(b'"next_cursor":')[2] or page[:400].partition(b'"next_cursor":')[2]
            cursor = json.JSONDecoder().raw_decode(end.decode())[0] if end else None
    return round(time.perf_counter() - begun, 4)


def _sequential(world: World) -> float:
    """Score calls a second of one `requests.Session`, one after the other: the straw man's own bodies once more."""
    powerschool = json.loads(world.straw_man.connections["AIRFLOW_CONN_POWERSCHOOL"])
    base = f"http://{powerschool['host']}:{powerschool['port']}"
    with psycopg.connect(world.straw_uri) as connection:
        calls = connection.execute(
            "select teacher, term_id, body from straw.outbox_score limit %s", [SEQUENTIAL_CALLS]
        ).fetchall()
    with requests.Session() as session:
        session.trust_env = False
        login = (powerschool["login"], powerschool["password"])
        form = {"grant_type": "client_credentials"}
        token = session.post(f"{base}/oauth/access_token/", data=form, auth=login, timeout=60).json()["access_token"]
        session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
        begun = time.perf_counter()
        for teacher, term_id, body in calls:
            url = f"{base}/ws/xte/score?users_dcid={teacher}&status=A&term_id={term_id}"
            session.put(url, data=body.encode(), timeout=60).raise_for_status()
        return round(len(calls) / (time.perf_counter() - begun), 1)
