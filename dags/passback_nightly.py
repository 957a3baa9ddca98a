"""
### The night: Otus to PowerSchool

Every night this DAG carries assignments and scores from the learning platforms into the PowerSchool gradebook, and
accounts for every one of them.

| task | what it does | where it stops |
|---|---|---|
| `open_run` | checks settings and connections, keeps the run and its as-of day | a wrong setting: nothing is read |
| `extract` | reads what changed in each source into staging | an unreadable source is left out; the run ends red |
| `extract_roster` | reads PowerSchool's roster: sections, teachers, enrolments … | no roster: the run stops |
| `check_quality` | Great Expectations on the staged tables | a failing source is left out, a failing roster stops |
| `evaluate` | judges every item and every score by the rules | |
| `plan` | compares with the ledger: only what differs is sent | |
| `deliver` | one task a shard of schools; writes are on record before they are sent | refused credentials stop it |
| `verify` | reads back what was written | |
| `reconcile` | draws up the books and writes the report, on a red night too | |
| `verdict` | red or green, with every reason | |

**As-of day.** A scheduled night at 02:00 closes the day before; a backfill judges each night's own day; a run by hand
judges today, or the parameter `as_of`. **Red** means somebody must look: `docs/runbook.md` goes from symptom to
command. Any task can be cleared and run again: nothing is sent twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, TriggerRule, dag, get_current_context, task

from passback import schedule
from passback.orchestration import DEFAULT_ARGS, PARAMS, task_states, this_run


@dag(
    dag_id="passback_nightly",
    doc_md=__doc__,
    schedule=CronDataIntervalTimetable("0 2 * * *", timezone=schedule.zone()),
    start_date=datetime.fromisoformat("2026-07-01T00:00:00+00:00"),
    catchup=False,
    max_active_runs=1,
    tags=["passback", "otus", "powerschool"],
    default_args=DEFAULT_ARGS,
    params=PARAMS,
)
def passback_nightly() -> None:
    """The night as a graph; the work is in passback.steps."""

    @task
    def open_run() -> list[str]:
        from passback import runs, steps

        return steps.open_run(runs.asked(get_current_context()))

    @task(pool="otus", map_index_template="{{ source }}")
    def extract(source: str) -> dict[str, Any]:
        from passback import steps

        return steps.extract_source(*this_run(source=source), source)

    @task(pool="powerschool")
    def extract_roster() -> dict[str, Any]:
        from passback import steps

        return steps.extract_roster(*this_run())

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def check_quality() -> dict[str, Any]:
        from passback import steps

        return steps.check_quality(*this_run())

    @task
    def evaluate() -> dict[str, Any]:
        from passback import steps

        return steps.evaluate(*this_run())

    @task
    def plan() -> list[dict[str, Any]]:
        from passback import steps

        return steps.plan(*this_run())

    @task(pool="powerschool", map_index_template="{{ label }}")
    def deliver(shard: dict[str, Any]) -> dict[str, int]:
        from passback import steps

        return steps.deliver(*this_run(label=shard["label"]), shard["shard"])

    @task(pool="powerschool", trigger_rule=TriggerRule.ALL_DONE)
    def verify() -> dict[str, int]:
        from passback import steps

        return steps.verify(*this_run())

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def reconcile() -> dict[str, Any]:
        from passback import steps

        return steps.reconcile(*this_run())

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def verdict() -> str:
        from passback import steps

        return steps.verdict(*this_run(), task_states(*this_run()))

    opened = open_run()
    extracted = extract.expand(source=opened)
    roster = extract_roster()
    judged = evaluate()
    shards = plan()
    opened >> roster
    [extracted, roster] >> check_quality() >> judged >> shards
    deliver.expand(shard=shards) >> verify() >> reconcile() >> verdict()


passback_nightly()
