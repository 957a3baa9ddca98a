"""Least privileges: what each role of include/sql/roles.sql can do, and what it cannot."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.delivery.databases import back_up, load, lose, name_of

from passback import database
from passback.local.postgres import Postgres

PIPELINE, PAGES, ANALYST = "passback_pipeline", "passback_pages", "passback_analyst"


def give_roles(uri: str) -> None:
    """What the administrator does, with a log-in for each role."""
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(database.statement("roles"))
        for role in (PIPELINE, PAGES, ANALYST):
            connection.execute(f"alter role {role} login")


@pytest.fixture
def as_pipeline(nights: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Nights that log in to the district's database as the pipeline's role."""
    connection = json.loads(os.environ["AIRFLOW_CONN_PASSBACK_DB"])
    monkeypatch.setenv("AIRFLOW_CONN_PASSBACK_DB", json.dumps(connection | {"login": PIPELINE}))
    return nights


@pytest.fixture
def logins(nights: Any) -> Iterator[Any]:
    """Opens a connection of a role."""
    opened: list[psycopg.Connection] = []

    def connect(role: str) -> psycopg.Connection:
        opened.append(psycopg.connect(nights.uri.replace("//passback@", f"//{role}@"), autocommit=True))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def test_whole_nights_run_as_the_pipelines_role_from_an_empty_database_on(
    as_pipeline: Any, postgres: Postgres, logins: Any
) -> None:
    lose(postgres, as_pipeline.uri)
    give_roles(as_pipeline.uri)
    assert as_pipeline.run().totals("scores") == {"created": 9}
    give_roles(as_pipeline.uri)
    as_pipeline.otus.edit("scores", "quiz.1001", points=5)
    assert as_pipeline.run().totals("scores") == {"updated": 1, "unchanged": 8}
    assert analysts_total(logins(ANALYST)) == 18


def test_nights_go_on_as_the_role_where_another_log_in_began(as_pipeline: Any, logins: Any) -> None:
    give_roles(as_pipeline.uri)
    report = as_pipeline.run()
    assert (report.totals("scores"), report.red) == ({"created": 9}, [])
    assert analysts_total(logins(ANALYST)) == 9
    with database.connect(as_pipeline.uri) as connection:
        owners = connection.execute(
            "select distinct pg_get_userbyid(c.relowner) from pg_class as c "
            "join pg_namespace as n on n.oid = c.relnamespace where n.nspname in ('staging', 'passback', 'report')"
        ).fetchall()
    assert owners == [(PIPELINE,)]


def test_a_backup_is_restored_as_the_pipelines_role(
    as_pipeline: Any, postgres: Postgres, logins: Any, tmp_path: Path
) -> None:
    give_roles(as_pipeline.uri)
    as_pipeline.run()
    back_up(as_pipeline.uri, tmp_path / "passback.dump")
    lose(postgres, as_pipeline.uri)
    give_roles(as_pipeline.uri)
    load(as_pipeline.uri, tmp_path / "passback.dump", f"--role={PIPELINE}")
    give_roles(as_pipeline.uri)
    assert as_pipeline.run().writes == []
    assert analysts_total(logins(ANALYST)) == 18


def analysts_total(analyst: psycopg.Connection) -> int:
    """What an analyst counts, over all runs."""
    row = analyst.execute("select sum(staged) from report.by_school where level = 'score'").fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (ANALYST, "select * from staging.otus_score"),
        (ANALYST, "select * from passback.ledger_score"),
        (ANALYST, "select * from passback.code"),
        (ANALYST, "create table report.mine (id bigint)"),
        (ANALYST, "create temporary table mine (id bigint)"),
        (ANALYST, "delete from passback.line"),
        (PAGES, "select * from staging.otus_student"),
        (PAGES, "select * from staging.otus_score"),
        (PAGES, "select * from staging.enrollment"),
        (PAGES, "select * from staging.schoology_grade"),
        (PAGES, "select * from staging.quarantine"),
        (PAGES, "update passback.ledger_item set name_sent = 'x'"),
        (PAGES, "delete from passback.opt_out"),
        (PAGES, "update passback.opt_out set opted_out = false"),
        (PAGES, "insert into passback.run_note (run_key, step, message) values (1, 'x', 'x')"),
        (PAGES, "create table public.mine (id bigint)"),
        (PIPELINE, "create role mine"),
        (PIPELINE, "create database mine"),
        (PIPELINE, "alter system set fsync = off"),
        (PIPELINE, "copy passback.item to '/tmp/mine'"),
    ],
)
def test_what_a_role_is_not_for_is_refused(roles: Any, role: str, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        roles(role).execute(statement)


@pytest.fixture(scope="module")
def roles(postgres: Postgres, template_database: str) -> Iterator[Any]:
    """Opens a connection of a role to one migrated database of this module."""
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute(f"create database roles template {template_database} strategy file_copy")
    give_roles(postgres.uri("roles"))
    opened: dict[str, psycopg.Connection] = {}

    def connect(role: str) -> psycopg.Connection:
        if role not in opened:
            uri = postgres.uri("roles").replace("//passback@", f"//{role}@")
            opened[role] = psycopg.connect(uri, autocommit=True)
        return opened[role]

    yield connect
    for connection in opened.values():
        connection.close()
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute("drop database roles with (force)")


def test_analysts_read_every_view_of_report_and_nothing_else(roles: Any) -> None:
    analyst = roles(ANALYST)
    views = analyst.execute("select table_name from information_schema.tables where table_schema = 'report'").fetchall()
    assert len(views) > 5
    for (view,) in views:
        analyst.execute(f"select * from report.{view} limit 1")
    reads = analyst.execute(
        "select table_schema, table_name from information_schema.table_privileges "
        "where grantee = %s and table_schema <> 'report'",
        [ANALYST],
    ).fetchall()
    assert reads == [("passback", "code")]


def test_the_pages_read_all_that_their_statements_name_and_write_opt_outs_only(roles: Any) -> None:
    pages = roles(PAGES)
    web = "\n".join(
        path.read_text(encoding="utf-8") for path in database.SQL_FOLDER.parents[1].glob("plugins/passback/web/*.py")
    )
    statements = {
        path.stem: path.read_text(encoding="utf-8")
        for path in database.SQL_FOLDER.glob("*.sql")
        if f'"{path.stem}"' in web
    }
    assert len(statements) > 5
    for name, text in statements.items():
        for table in set(re.findall(r"(?:from|join)\s+((?:staging|passback|report)\.\w+)", text)):
            allowed = pages.execute("select has_table_privilege(%s, 'select')", [table]).fetchone()
            assert allowed == (True,), f"include/sql/{name}.sql reads {table}"
    writes = pages.execute(
        "select table_name, privilege_type from information_schema.table_privileges "
        "where grantee = %s and privilege_type <> 'SELECT'",
        [PAGES],
    ).fetchall()
    assert writes == [("opt_out", "INSERT")]
    pages.execute("insert into passback.opt_out (section_dcid, opted_out, switched_by) values (85001, true, 'anna')")
    assert pages.execute("select section_dcid from passback.opted_out").fetchall() == [(85001,)]


def test_the_roles_can_be_given_again_at_any_time(roles: Any, postgres: Postgres) -> None:
    give_roles(postgres.uri("roles"))
    roles(ANALYST).execute("select * from report.trend")
    assert name_of(postgres.uri("roles")) == "roles"


class Everything:
    """Somebody to whom Airflow gives every right."""

    name = "tests"
    read = sync = opt_out = True


@pytest.fixture
def as_pages(nights: Any, airflow_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The pages' application in this process, logged in to the district's database as the pages' role."""
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.testclient import TestClient

    from passback.web.access import allowed
    from passback.web.app import pages

    nights.otus.edit("scores", "quiz.1001", points=-1)
    nights.otus.edit("assessments", "as-lab", points_possible=None)
    nights.run()
    give_roles(nights.uri)
    connection = json.loads(os.environ["AIRFLOW_CONN_PASSBACK_DB"])
    monkeypatch.setenv("AIRFLOW_CONN_PASSBACK_DB", json.dumps(connection | {"login": PAGES}))
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    everybody = SimpleAuthManagerUser(username="tests", role="ADMIN")
    monkeypatch.setitem(pages.dependency_overrides, allowed, Everything)
    monkeypatch.setitem(pages.dependency_overrides, get_user, lambda: everybody)
    read_dags()
    with TestClient(pages, base_url="http://127.0.0.1", headers={"Authorization": "Bearer x"}) as client:
        yield client
    forget_runs()


def read_dags() -> None:
    """What a DAG processor does: the Airflow of this process knows the project's DAGs."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db

    manager = DagBundlesManager()
    manager.sync_bundles_to_db()
    for bundle in manager.get_all_dag_bundles():
        bag = BundleDagBag(bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        assert bag.import_errors == {}
        sync_bag_to_db(bag, bundle.name, bundle.get_current_version())


def forget_runs() -> None:
    """No scheduler will ever start a queued run of the Airflow of this process, and the next test would join it."""
    from airflow.models import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.state == "queued"))


def test_every_route_of_the_pages_works_as_their_role(as_pages: Any, nights: Any) -> None:
    from tests.security.routes import ROUTES, Known

    known = Known.of(nights.uri, nights.home / "reports")
    for route in ROUTES:
        body = {} if route.reads else {"json": route.body(known)}
        answer = as_pages.request(route.method, route.address(known), params=route.needed(known), **body)
        assert answer.status_code == (202 if route.path == "/api/sync" else 200), (route, answer.text)
    unknown = as_pages.post("/api/sync", json={"source": "otus", "source_item_id": "nobody's"})
    assert (unknown.status_code, unknown.json()["detail"][:19]) == (404, "This item has never")
    with psycopg.connect(nights.uri) as connection:
        switched = connection.execute("select section_dcid, switched_by from passback.opt_out").fetchall()
    assert switched == [(known.section, "tests")]
