"""The real DAG under a real scheduler, by the REST API: to a green end, to a red one, and with a task cleared."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from passback import database
from passback.local import backfill
from passback.local.rest import Airflow
from sandbox.server import Sandbox, running
from sandbox.small import small_district

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(600)]
NIGHTLY, SYNC = "passback_nightly", "passback_sync"


@pytest.fixture
def district(running_airflow: Airflow, running_database_uri: str) -> Iterator[Sandbox]:
    """The small district, which the running Airflow's connections lead to."""
    with running(small_district().district) as box:
        for variable, text in box.connections().items():
            running_airflow.set_connection(variable.removeprefix("AIRFLOW_CONN_").lower(), json.loads(text))
        running_airflow.wait_for_dag(NIGHTLY)
        running_airflow.pause(NIGHTLY, paused=False)
        yield box


def summary(run_id: str) -> dict[str, Any]:
    (written,) = Path(os.environ["PASSBACK_REPORTS"]).glob(f"{NIGHTLY}/2026-10-15/{run_id}/summary.json")
    return dict(json.loads(written.read_text(encoding="utf-8")))


def test_a_night_under_the_scheduler_is_green_and_a_cleared_delivery_sends_nothing_twice(
    running_airflow: Airflow, district: Sandbox
) -> None:
    run_id = running_airflow.trigger(NIGHTLY, {"as_of": "2026-10-15"})
    assert running_airflow.wait(NIGHTLY, run_id) == "success"
    labels = {task["rendered_map_index"] for task in running_airflow.tasks(NIGHTLY, run_id) if task["map_index"] >= 0}
    assert labels == {"school 101 · 212 items", "school 102 · 100 items"}
    before = district.control.state()
    created = {source: of["scores"]["created"] for source, of in summary(run_id)["sources"].items()}
    assert created == {"otus": 757, "schoology": 588}
    district.control.clear_logs()
    running_airflow.clear(NIGHTLY, run_id, ["deliver"])
    assert running_airflow.wait(NIGHTLY, run_id) == "success"
    assert district.control.writes() == []
    assert district.control.state() == before
    assert created == {source: of["scores"]["created"] for source, of in summary(run_id)["sources"].items()}


def test_airflows_own_backfill_judges_each_nights_own_day_in_any_order(
    running_airflow: Airflow, district: Sandbox, running_database_uri: str
) -> None:
    for first, last in (("2026-10-15", "2026-10-15"), ("2026-10-13", "2026-10-14")):
        start, end = backfill.bounds(first, last, "America/Chicago")
        backfill_id = backfill.create(running_airflow, start, end)
        assert backfill.follow(running_airflow, backfill_id, start, end) == {"success": 1 if first == last else 2}
    with database.connect(running_database_uri) as connection:
        nights = connection.execute("select as_of::text, balanced from passback.run order by run_key").fetchall()
    assert nights == [("2026-10-15", True), ("2026-10-13", True), ("2026-10-14", True)]
    markers = [held["marker"] for held in district.control.powerschool.assignments() if held["marker"]]
    assert len(markers) == len(set(markers))


def test_refused_credentials_end_red_at_once_with_a_report_and_nothing_sent(
    running_airflow: Airflow, district: Sandbox
) -> None:
    district.control.powerschool.switches(lasting_401=True)
    run_id = running_airflow.trigger(NIGHTLY, {"as_of": "2026-10-15"})
    assert running_airflow.wait(NIGHTLY, run_id) == "failed"
    states = running_airflow.states(NIGHTLY, run_id)
    assert states["extract_roster"] == {"failed"}
    assert states["deliver"] == {"upstream_failed"}
    assert states["reconcile"] == {"success"}
    assert states["verdict"] == {"failed"}
    assert "AUTH_FAILED" in running_airflow.log(NIGHTLY, run_id, "verdict")
    assert summary(run_id)["balanced"] is True
    assert district.control.writes() == []


def test_of_two_syncs_of_one_part_asked_for_at_once_one_does_the_work_and_the_other_joins_it(
    running_airflow: Airflow, district: Sandbox
) -> None:
    running_airflow.wait_for_dag(SYNC)
    running_airflow.pause(SYNC, paused=False)
    runs = [running_airflow.trigger(SYNC, {"section_dcid": "86001"}, run_id=f"press-{number}") for number in (1, 2)]
    assert [running_airflow.wait(SYNC, run_id) for run_id in runs] == ["success", "success"]
    opened = [running_airflow.states(SYNC, run_id)["open_run"] for run_id in runs]
    assert sorted(opened, key=str) == [{"skipped"}, {"success"}]
    for run_id, state in zip(runs, opened, strict=True):
        assert running_airflow.states(SYNC, run_id)["verdict"] == state
    assert set(district.control.otus.counts().values()) == {1}
