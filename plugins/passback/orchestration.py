"""What every DAG shares: parameters with their schema, retries by cause, and the run that a task belongs to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, Param, RetryAction, RetryRule, get_current_context

BY_CAUSE = ExceptionRetryPolicy(
    [
        RetryRule("passback.errors.Terminal", RetryAction.FAIL, reason="stays until somebody acts"),
        RetryRule("passback.errors.Transient", RetryAction.RETRY, timedelta(minutes=2), reason="may pass by itself"),
    ]
)

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "passback",
    "retries": 2,
    "retry_delay": timedelta(minutes=2),
    "retry_policy": BY_CAUSE,
    "execution_timeout": timedelta(hours=5),
}

PARAMS = {
    "as_of": Param(
        None,
        type=["null", "string"],
        format="date",
        title="As-of day",
        description="The school day to judge, such as 2026-10-15. Empty: by the schedule, or today.",
    ),
    "sources": Param(
        None,
        type=["null", "array"],
        items={"type": "string", "enum": ["otus"]},
        examples=["otus"],
        title="Sources",
        description="Only these learning platforms. Empty: all that have a connection.",
    ),
    "schools": Param(
        None,
        type=["null", "array"],
        items={"type": "string"},
        title="Schools",
        description="Only these PowerSchool school numbers. Empty: all.",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Preview",
        description="Judges, plans and reports old → new for each score, and sends nothing.",
    ),
}


def this_run(**labels: str) -> tuple[str, str]:
    """The ids of the DAG and of the run that the task belongs to; `labels` name a mapped task in the UI."""
    context = get_current_context()
    context.update(labels)  # type: ignore[typeddict-item]
    return context["dag_run"].dag_id, context["dag_run"].run_id


def task_states(dag_id: str, run_id: str) -> dict[str, str]:
    """The states of the run's tasks as they are now, by task id (a mapped one with its index)."""
    states = get_current_context()["ti"].get_task_states(dag_id=dag_id, run_ids=[run_id])
    return dict(states.get(run_id, {}))
