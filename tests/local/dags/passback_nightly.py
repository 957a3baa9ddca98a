"""A nightly DAG of a few seconds, for the tests of what starts it: same id, same parameters, a report of its own."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Param, dag, get_current_context, task
from airflow.timetables.interval import CronDataIntervalTimetable


@dag(
    dag_id="passback_nightly",
    schedule=CronDataIntervalTimetable("0 2 * * *", timezone=os.environ.get("PASSBACK_TIME_ZONE", "UTC")),
    start_date=datetime(2026, 8, 1, tzinfo=UTC),
    catchup=False,
    params={
        "as_of": Param(None, type=["null", "string"], format="date"),
        "seconds": Param(0, type="number"),
        "red": Param(False, type="boolean"),
        "dry_run": Param(False, type="boolean"),
    },
    default_args={"retries": 1, "retry_delay": timedelta(minutes=10)},
)
def passback_nightly() -> DAG:
    @task(retries=0)
    def extract() -> dict[str, int]:
        from passback import stop

        with stop.on_signals():
            for _ in range(int(get_current_context()["params"]["seconds"] * 10)):
                stop.checkpoint()
                time.sleep(0.1)
        return {"scores": 1234}

    @task(trigger_rule="all_done")
    def reconcile() -> None:
        context: Any = get_current_context()
        run, start = context["dag_run"], context.get("data_interval_start")
        as_of = context["params"]["as_of"] or str(start and start.date())
        folder = Path(os.environ["PASSBACK_REPORTS"]) / run.dag_id / as_of / run.run_id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "summary.json").write_text(json.dumps({"run_id": run.run_id}))

    @task(retries=0)
    def verdict() -> None:
        if get_current_context()["params"]["red"]:
            raise RuntimeError("the night is red")

    extract() >> reconcile() >> verdict()


passback_nightly()
