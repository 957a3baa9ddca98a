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

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import (
    CronDataIntervalTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    TriggerRule,
    dag,
    get_current_context,
    task,
)

from passback import schedule

BY_CAUSE = ExceptionRetryPolicy(
    [
        RetryRule("passback.errors.Terminal", RetryAction.FAIL, reason="stays until somebody acts"),
        RetryRule("passback.errors.Transient", RetryAction.RETRY, timedelta(minutes=2), reason="may pass by itself"),
    ]
)


@dag(
    dag_id="passback_nightly",
    doc_md=__doc__,
    schedule=CronDataIntervalTimetable("0 2 * * *", timezone=schedule.zone()),
    start_date=datetime.fromisoformat("2026-07-01T00:00:00+00:00"),
    catchup=False,
    max_active_runs=1,
    tags=["passback", "otus", "powerschool"],
    default_args={
        "owner": "passback",
        "retries": 2,
        "retry_delay": timedelta(minutes=2),
        "retry_policy": BY_CAUSE,
        "execution_timeout": timedelta(hours=5),
    },
    params={
        "as_of": Param(
            None, type=["null", "string"], format="date", title="As-of day",
            description="The school day to judge, such as 2026-10-15. Empty: by the schedule, or today.",
        ),
        "sources": Param(
            None, type=["null", "array"], items={"type": "string", "enum": ["otus"]}, examples=["otus"],
            title="Sources",
            description="Only these learning platforms. Empty: all that have a connection.",
        ),
        "schools": Param(
            None, type=["null", "array"], items={"type": "string"}, title="Schools",
            description="Only these PowerSchool school numbers. Empty: all.",
        ),
        "dry_run": Param(
            False, type="boolean", title="Preview",
            description="Judges, plans and reports old → new for each score, and sends nothing.",
        ),
    },
)  # fmt: skip
def passback_nightly() -> None:
    """The night as a graph; the work is in passback.steps."""

    @task
    def open_run() -> list[str]:
        from passback import runs, steps

        return steps.open_run(runs.asked(get_current_context()))

    @task(pool="otus", map_index_template="{{ source }}")
    def extract(source: str) -> dict[str, Any]:
        from passback import steps

        return steps.extract_source(*_this_run(source=source), source)

    @task(pool="powerschool")
    def extract_roster() -> dict[str, Any]:
        from passback import steps

        return steps.extract_roster(*_this_run())

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def check_quality() -> dict[str, Any]:
        from passback import steps

        return steps.check_quality(*_this_run())

    @task
    def evaluate() -> dict[str, Any]:
        from passback import steps

        return steps.evaluate(*_this_run())

    @task
    def plan() -> list[dict[str, Any]]:
        from passback import steps

        return steps.plan(*_this_run())

    @task(pool="powerschool", map_index_template="{{ label }}")
    def deliver(shard: dict[str, Any]) -> dict[str, int]:
        from passback import steps

        return steps.deliver(*_this_run(label=shard["label"]), shard["shard"])

    @task(pool="powerschool", trigger_rule=TriggerRule.ALL_DONE)
    def verify() -> dict[str, int]:
        from passback import steps

        return steps.verify(*_this_run())

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def reconcile() -> dict[str, Any]:
        from passback import steps

        return steps.reconcile(*_this_run())

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def verdict() -> str:
        from passback import steps

        run = _this_run()
        states = get_current_context()["ti"].get_task_states(dag_id=run[0], run_ids=[run[1]])
        return steps.verdict(*run, states.get(run[1], {}))

    opened = open_run()
    extracted = extract.expand(source=opened)
    roster = extract_roster()
    judged = evaluate()
    shards = plan()
    opened >> roster
    [extracted, roster] >> check_quality() >> judged >> shards
    deliver.expand(shard=shards) >> verify() >> reconcile() >> verdict()


def _this_run(**labels: str) -> tuple[str, str]:
    """The names of the run that the task belongs to; `labels` name a mapped task in the UI."""
    context = get_current_context()
    context.update(labels)  # type: ignore[typeddict-item]
    return context["dag_run"].dag_id, context["dag_run"].run_id


passback_nightly()
