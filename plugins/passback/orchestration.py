"""What the DAGs share: parameters with their schema, retries by cause, and the run that a task belongs to."""

from __future__ import annotations

from collections.abc import Callable
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

_PREVIEW = Param(
    False,
    type="boolean",
    title="Preview",
    description="Judges, plans and reports old → new for each score, and sends nothing.",
)

NIGHT = {
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
        items={"type": "string", "enum": ["otus", "schoology"]},
        examples=["otus", "schoology"],
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
    "dry_run": _PREVIEW,
}

SYNC = {
    "section_dcid": Param(
        None,
        type=["null", "string", "integer"],
        title="Section",
        description="One section, by PowerSchool's SECTIONS.DCID.",
    ),
    "users_dcid": Param(
        None,
        type=["null", "string", "integer"],
        title="Teacher",
        description="All sections of one teacher, by PowerSchool's USERS.DCID.",
    ),
    "source": Param(
        None,
        type=["null", "string"],
        enum=[None, "otus", "schoology"],
        title="Source of the item",
        description="With the item's id: one item only.",
    ),
    "source_item_id": Param(
        None,
        type=["null", "string"],
        title="Item",
        description="The item's id in its source: Otus's assignment, or Schoology's section:grade item.",
    ),
    "dry_run": _PREVIEW,
}

RELEASE = "passback_release"
HELD = {
    "held_dag_id": Param(
        "passback_nightly",
        type="string",
        enum=["passback_nightly", "passback_sync"],
        title="DAG of the run that holds",
        description="The guard fills this in where it starts the release.",
    ),
    "held_run_id": Param(
        None,
        type=["null", "string"],
        title="Run that holds",
        description="The run id of the night or sync whose held changes are to be released.",
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


def under_way(dag_id: str) -> Callable[[str], bool]:
    """Whether a run of the DAG, by its run id, is queued or running by Airflow's own word."""
    ti = get_current_context()["ti"]
    return lambda run_id: ti.get_dr_count(dag_id=dag_id, run_ids=[run_id], states=["queued", "running"]) > 0


def has_scheduler() -> bool:
    """Whether a scheduler runs this task and would run what it starts; `airflow dags test` does not."""
    from airflow.sdk.execution_time import supervisor, task_runner

    return not isinstance(task_runner.SUPERVISOR_COMMS, supervisor.InProcessSupervisorComms)
