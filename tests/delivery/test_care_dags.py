"""The DAGs of maintenance and of rebuilding, as `airflow dags test` runs them."""

import datetime as dt
from pathlib import Path
from typing import Any

from tests.delivery.databases import lose

from passback.local.postgres import Postgres

DAGS = Path(__file__).parents[2] / "dags"


def run(dag_id: str, **params: Any) -> tuple[str, dict[str, str]]:
    """One run of a DAG: its state, and its tasks'."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=DAGS / f"{dag_id}.py")
    assert bag.import_errors == {}
    dag = bag.dags[dag_id]
    for task in dag.tasks:
        task.retries = 0
    made = dag.test(logical_date=dt.datetime.now(dt.UTC), run_conf=params)
    return str(made.state), {task.task_id: str(task.state) for task in made.get_task_instances()}


def test_maintenance_runs_to_a_green_end(airflow_home: Path, nights: Any) -> None:
    nights.run()
    for preview in (True, False):
        state, tasks = run("passback_maintenance", dry_run=preview)
        assert (state, set(tasks.values())) == ("success", {"success"})
        assert len(tasks) == 4
    assert nights.run().writes == []


def test_a_rebuild_and_its_release_run_as_a_dag(airflow_home: Path, nights: Any, postgres: Postgres) -> None:
    nights.run()
    lose(postgres, nights.uri)
    nights.powerschool.edit_score("quiz", "1002", points=3)
    assert run("passback_rebuild") == ("success", {"rebuild_ledger": "success", "release_unverified": "skipped"})
    assert nights.run().totals("scores") == {"unchanged": 8, "held": 1}
    released = run("passback_rebuild", accept="source", sections=[85001])
    assert released == ("success", {"rebuild_ledger": "skipped", "release_unverified": "success"})
    assert nights.run().totals("scores") == {"updated": 1, "unchanged": 8}
