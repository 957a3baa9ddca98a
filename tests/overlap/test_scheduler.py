"""Under a real scheduler: a night and a sync triggered at once, and a week-old task cleared after them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
        for dag_id in (NIGHTLY, SYNC):
            running_airflow.wait_for_dag(dag_id)
            running_airflow.pause(dag_id, paused=False)
        yield box


def summary(dag_id: str, run_id: str) -> dict[str, Any]:
    (written,) = Path(os.environ["PASSBACK_REPORTS"]).glob(f"{dag_id}/*/{run_id}/summary.json")
    return dict(json.loads(written.read_text(encoding="utf-8")))


def test_a_night_and_a_sync_at_once_and_a_week_old_delivery_cleared_after_them(
    running_airflow: Airflow, district: Sandbox
) -> None:
    old = running_airflow.trigger(NIGHTLY, {"as_of": "2026-10-08"})
    assert running_airflow.wait(NIGHTLY, old) == "success"
    taught = next(held for held in district.control.powerschool.assignments() if "otus ordinary-" in held["marker"])
    item = taught["marker"].split(" ")[-1]
    student = min(taught["scores"])
    district.control.otus.edit("scores", f"{item}.{student}", points=5)
    district.control.clear_logs()
    tonight = running_airflow.trigger(NIGHTLY, {"as_of": "2026-10-15"})
    pressed = running_airflow.trigger(SYNC, {"section_dcid": str(taught["section_dcid"])})
    assert running_airflow.wait(NIGHTLY, tonight) == "success"
    assert running_airflow.wait(SYNC, pressed) == "success"
    assert summary(NIGHTLY, tonight)["balanced"] is True is summary(SYNC, pressed)["balanced"]
    changed = [write for write in district.control.writes() if write["kind"] == "score"]
    assert sum(len(write["body"]["assignment_scores"]) == 1 for write in changed) >= 1
    (now,) = district.control.powerschool.assignments(item)
    assert now["scores"][student]["points"] == 5
    before = district.control.state()
    district.control.clear_logs()
    running_airflow.clear(NIGHTLY, old, ["plan"])
    assert running_airflow.wait(NIGHTLY, old) == "success"
    assert district.control.writes() == []
    assert district.control.state() == before
