"""The guard in `make night`: what it holds waits for the next night, since nothing could start a release."""

from typing import Any

from tests.guard.test_scheduler import regrade


def test_a_night_without_a_scheduler_holds_and_starts_no_release(dag_nights: Any) -> None:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import func, select

    assert dag_nights.run("2026-10-15").tasks["ask_for_release"] == "skipped"
    gradebook = dag_nights.box.control.state()
    regrade(dag_nights.box)
    night = dag_nights.run("2026-10-15")
    assert (night.state, night.tasks["ask_for_release"]) == ("success", "skipped")
    assert night.totals("scores")["held"] == 300
    assert (night.folder / "preview.csv").exists()
    assert dag_nights.box.control.state() == gradebook
    with create_session() as session:
        assert session.scalar(select(func.count()).where(DagRun.dag_id == "passback_release")) == 0
