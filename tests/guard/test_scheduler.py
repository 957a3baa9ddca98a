"""The guard and its releases under a real scheduler: approved, rejected, and left unanswered."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from passback.local.postgres import Postgres
from passback.local.rest import Airflow
from sandbox.server import Sandbox, running
from sandbox.small import small_district

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(900)]
NIGHTLY, RELEASE = "passback_nightly", "passback_release"


@pytest.fixture
def district(running_airflow: Airflow, running_database_uri: str) -> Iterator[Sandbox]:
    """The small district after a first night, of whose scores more than a fifth have changed since."""
    with running(small_district().district) as box:
        for variable, text in box.connections().items():
            running_airflow.set_connection(variable.removeprefix("AIRFLOW_CONN_").lower(), json.loads(text))
        for dag_id in (NIGHTLY, RELEASE):
            running_airflow.wait_for_dag(dag_id)
            running_airflow.pause(dag_id, paused=False)
        assert night(running_airflow) != ""
        regrade(box)
        yield box


def regrade(box: Sandbox, number: int = 300) -> None:
    """So many of the delivered scores lose a point in Otus: more than a fifth of all."""
    delivered = [
        (held["marker"].split(" ")[-1], student, score["points"])
        for held in box.control.powerschool.assignments()
        for student, score in sorted(held["scores"].items())
        if "otus ordinary-" in held["marker"] and (score["points"] or 0) >= 1
    ]
    assert len(delivered) >= number
    for item, student, points in delivered[:number]:
        box.control.otus.edit("scores", f"{item}.{student}", points=points - 1)


def night(airflow: Airflow) -> str:
    """A green night; gives its run id."""
    run_id = airflow.trigger(NIGHTLY, {"as_of": "2026-10-15"})
    assert airflow.wait(NIGHTLY, run_id) == "success"
    return run_id


def until(there: Callable[[], Any], seconds: float = 120) -> Any:
    """What `there` gives as soon as it gives something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := there():
            return found
        time.sleep(0.5)
    raise AssertionError("it never came")


def releases(airflow: Airflow) -> list[str]:
    """The run ids of all releases, the newest last."""
    found = airflow.call("GET", f"dags/{RELEASE}/dagRuns", params={"limit": 100, "order_by": "run_after"})
    return [run["dag_run_id"] for run in found["dag_runs"]]


def asked(airflow: Airflow, held_run_id: str) -> str:
    """The run id of the release of a night, once it waits for its answer."""
    run_id = f"release__{NIGHTLY}__{held_run_id}"
    until(lambda: run_id in releases(airflow))
    until(lambda: airflow.states(RELEASE, run_id).get("approve") == {"awaiting_input"})
    return run_id


def summary(run_id: str) -> dict[str, Any]:
    """The content of a release's summary.json."""
    (written,) = Path(os.environ["PASSBACK_REPORTS"]).glob(f"{RELEASE}/*/{run_id}/summary.json")
    return dict(json.loads(written.read_text(encoding="utf-8")))


def decision(uri: str, run_id: str) -> tuple[Any, ...] | None:
    with psycopg.connect(uri) as connection:
        return connection.execute(
            "select decision, decided_by, waits_until > asked_at, scores_sent from report.release where run_id = %s",
            [run_id],
        ).fetchone()


def test_releases_are_approved_rejected_or_left_unanswered_in_airflow(
    running_airflow: Airflow, district: Sandbox, running_database_uri: str, postgres: Postgres
) -> None:
    before, gradebook = releases(running_airflow), district.control.state()
    held = night(running_airflow)
    run_id = asked(running_airflow, held)
    (question,) = running_airflow.call("GET", f"dags/{RELEASE}/dagRuns/{run_id}/hitlDetails")["hitl_details"]
    assert question["subject"].endswith("held as of 2026-10-15?")
    assert "`scores_changed_share`" in question["body"] and f"/runs/{held}" in question["body"]

    running_airflow.answer(RELEASE, run_id, "approve", "Reject")
    assert running_airflow.wait(RELEASE, run_id) == "success"
    assert decision(running_database_uri, run_id) == ("rejected", "admin", True, 0)
    assert district.control.state() == gradebook
    running_airflow.clear(NIGHTLY, held, ["plan"])
    assert running_airflow.wait(NIGHTLY, held) == "success"
    assert running_airflow.states(NIGHTLY, held)["ask_for_release"] == {"skipped"}
    assert releases(running_airflow) == [*before, run_id]

    unanswered = asked(running_airflow, night(running_airflow))
    with psycopg.connect(postgres.uri("airflow"), autocommit=True) as metadata:
        wait = metadata.execute(
            "update task_instance set trigger_timeout = now() - interval '1 second' where dag_id = %s and run_id = %s "
            "and task_id = 'approve' returning old.trigger_timeout at time zone 'America/Chicago'",
            [RELEASE, unanswered],
        ).fetchone()
    assert wait is not None and f"{wait[0]:%H:%M}" in ("17:59", "18:00")
    assert running_airflow.wait(RELEASE, unanswered) == "success"
    assert decision(running_database_uri, unanswered) == ("unanswered", "", True, 0)
    assert district.control.state() == gradebook

    approved = asked(running_airflow, night(running_airflow))
    running_airflow.answer(RELEASE, approved, "approve", "Approve")
    assert running_airflow.wait(RELEASE, approved) == "success"
    told = summary(approved)
    sent = told["sources"]["otus"]["scores"]["updated"]
    assert told["balanced"] is True and sent > 0.2 * 757
    assert decision(running_database_uri, approved) == ("approved", "admin", True, sent)
    gradebook = district.control.state()
    running_airflow.clear(RELEASE, approved, ["deliver"])
    assert running_airflow.wait(RELEASE, approved) == "success"
    night(running_airflow)
    assert district.control.state() == gradebook
