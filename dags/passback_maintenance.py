"""
### Maintenance: what is kept only so long

Once a week, by day, this DAG deletes what the settings' `[retention]` no longer keeps, in short transactions beside
whatever else runs:

| task | what goes | what always stays |
|---|---|---|
| `delete_quarantine` | quarantined records older than `quarantine_days` | records without an id of the source's latest extraction: they still count |
| `delete_old_runs` | judged rows, plans, settled writes, lines and books of runs older than `report_days` | the ledger with its history, writes without an answer, opt-outs, decisions on releases, the last ten nights, and runs on which an item's status stands |
| `delete_reports` | report folders (previews too) and Data Docs older than `report_days` | folders that no run of ours wrote |
| `archive_staging` | what is staged of older school years, from 90 days into the new one | the ledger |

With *Preview* it only counts. Each task can be cleared and run again at any time.
"""  # noqa: E501 - a table's row is a line

from __future__ import annotations

from datetime import datetime

from airflow.sdk import CronTriggerTimetable, Param, dag

from passback import schedule, tasks
from passback.orchestration import DEFAULT_ARGS

PARAMS = {
    "dry_run": Param(False, type="boolean", title="Preview", description="Only counts what would be deleted."),
}


@dag(
    dag_id="passback_maintenance",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 13 * * 6", timezone=schedule.zone()),
    start_date=datetime.fromisoformat("2026-07-01T00:00:00+00:00"),
    catchup=False,
    max_active_runs=1,
    tags=["passback"],
    default_args=DEFAULT_ARGS,
    params=PARAMS,
)
def passback_maintenance() -> None:
    """The first brings the schema up to date; the others are each for themselves."""
    tasks.delete_quarantine() >> [tasks.delete_old_runs(), tasks.delete_reports(), tasks.archive_staging()]


passback_maintenance()
