"""The kill points: every COMMIT that writes and every write to PowerSchool is seen three times, and can be struck."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from chaos.database_proxy import name_of, writes
from chaos.gradebook import district
from chaos.places import Peer, Place
from chaos.points import Points

from passback import database
from passback.local.postgres import Postgres
from sandbox.server import Sandbox, running

CREATE = "/ws/xte/section/assignment/?users_dcid=8301"


@pytest.fixture
def points() -> Iterator[Points]:
    with Points() as made:
        yield made


@pytest.fixture
def connection(
    points: Points, postgres: Postgres, database_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[psycopg.Connection]:
    folder = points.between_database(postgres.socket_folder, tmp_path_factory.mktemp("p"))
    name = urlsplit(database_uri).path.lstrip("/")
    with psycopg.connect(host=str(folder), dbname=name, user="passback", autocommit=True) as made:
        yield made


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with running(district()) as made:
        yield made


def token(box: Sandbox) -> dict[str, str]:
    answer = requests.post(
        f"{box.powerschool_url}/oauth/access_token/",
        auth=("passback-sandbox", box.client_secret),
        data={"grant_type": "client_credentials"},
        timeout=10,
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def post(box: Sandbox, port: int) -> requests.Response:
    """One assignment through the proxy."""
    section = {
        "sectionsdcid": 85001, "name": "Quiz", "duedate": "2026-09-18", "scoreentrypoints": 10, "totalpointvalue": 10,
        "weight": 1, "scoretype": "POINTS", "iscountedinfinalgrade": True,
        "_assignmentcategoryassociations": [{"teachercategoryid": 83010, "isprimary": True}],
    }  # fmt: skip
    body = {"_assignmentsections": [section]}
    session = requests.Session()
    session.trust_env = False
    return session.post(f"http://127.0.0.1:{port}{CREATE}", json=body, headers=token(box), timeout=10)


def passed(points: Points, number: int) -> list[Place]:
    """The places passed, once there are so many: the client of the last one may go on before it is told."""
    deadline = time.monotonic() + 30
    while len(points.places) < number and time.monotonic() < deadline:
        time.sleep(0.01)
    return points.places


def labels(points: Points, number: int) -> list[str]:
    return [place.label for place in passed(points, number)]


def keep(connection: psycopg.Connection) -> None:
    """A transaction that writes."""
    with connection.transaction():
        database.run(connection, "budget_pause", api="chaos", seconds=0)


def test_a_commit_passes_three_places_named_after_what_wrote(points: Points, connection: psycopg.Connection) -> None:
    points.scope = "plan"
    keep(connection)
    keep(connection)
    assert labels(points, 6) == [
        f"plan: commit budget_pause #{number} {moment}"
        for number in (1, 2)
        for moment in ("before", "unheard", "after")
    ]


def test_what_writes_nothing_or_is_rolled_back_passes_none(points: Points, connection: psycopg.Connection) -> None:
    with connection.transaction():
        database.run(connection, "theirs_table")
        connection.execute("select count(*) from passback.run")
    with connection.transaction():
        database.run(connection, "budget_pause", api="chaos", seconds=0)
        raise psycopg.Rollback
    assert labels(points, 0) == []


def test_a_statement_outside_a_transaction_counts_as_a_commit(points: Points, connection: psycopg.Connection) -> None:
    connection.execute("delete from passback.api_budget where api = %s", ["none"])
    connection.execute("delete from passback.api_budget")
    assert [place.number for place in passed(points, 6)] == [1, 1, 1, 2, 2, 2]
    with pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("delete from passback.nothing")
    assert [place.moment for place in passed(points, 7)[6:]] == ["before"]


@pytest.mark.parametrize(("moment", "kept"), [("before", 0), ("unheard", 1)])
def test_a_commit_cut_before_the_server_is_lost_and_one_cut_after_it_is_kept(
    points: Points, connection: psycopg.Connection, database_uri: str, moment: str, kept: int
) -> None:
    def cut(place: Place, peer: Peer) -> None:
        assert peer.pid == os.getpid()
        if place.moment == moment:
            peer.cut()

    points.on_place = cut
    with pytest.raises(psycopg.OperationalError):
        keep(connection)
    with psycopg.connect(database_uri) as other:
        assert other.execute("select count(*) from passback.api_budget where api = 'chaos'").fetchone() == (kept,)


def test_a_write_to_powerschool_passes_three_places(points: Points, box: Sandbox) -> None:
    port = points.between_powerschool(box.powerschool_url)
    pids = []
    points.on_place = lambda place, peer: pids.append(peer.pid)
    assert post(box, port).status_code == 201
    assert labels(points, 3) == [f"write create #1 {moment}" for moment in ("before", "unheard", "after")]
    assert pids == [os.getpid()] * 3


@pytest.mark.parametrize(("moment", "stored"), [("before", 0), ("unheard", 1)])
def test_a_write_is_lost_or_its_answer_is(points: Points, box: Sandbox, moment: str, stored: int) -> None:
    port = points.between_powerschool(box.powerschool_url)
    points.on_place = lambda place, peer: peer.cut() if place.moment == moment else None
    with pytest.raises(requests.ConnectionError):
        post(box, port)
    assert len(box.control.powerschool.assignments()) == stored
    assert labels(points, 1)[-1] == f"write create #1 {moment}"


def test_a_system_can_be_down_for_its_clients_and_come_back(points: Points, box: Sandbox) -> None:
    port = points.between_powerschool(box.powerschool_url)
    points.refuse("write")
    with pytest.raises(requests.ConnectionError):
        post(box, port)
    points.refuse("write", False)
    assert post(box, port).status_code == 201


def test_a_database_that_is_gone_ends_the_connection_at_once(
    points: Points, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = points.between_database(Path("/nowhere"), tmp_path_factory.mktemp("p"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(folder), dbname="passback", user="passback", connect_timeout=5)


def test_the_pid_of_a_client_that_has_gone_is_none() -> None:
    from chaos.peers import pid_of_tcp

    with socket.create_server(("127.0.0.1", 0)) as server:
        assert pid_of_tcp(server.getsockname()[1]) == os.getpid()
        port = server.getsockname()[1]
    assert pid_of_tcp(port) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("insert into passback.run (run_id) values (1)", True),
        ('copy "staging"."otus_user" from stdin', True),
        ("with a as (select 1) update passback.plan_item as p set x = 1", True),
        ("select 1 from passback.run for update", False),
        ("copy (select * from passback.run) to stdout", False),
        ("create temporary table theirs (a int); insert into theirs values (1)", False),
        ("-- update passback.run\nselect 1", False),
    ],
)
def test_which_statements_write(text: str, found: bool) -> None:
    assert writes(text) is found


def test_every_named_statement_is_recognised_by_its_text() -> None:
    for path in database.SQL_FOLDER.glob("*.sql"):
        assert name_of(path.read_text(encoding="utf-8")) == path.stem
