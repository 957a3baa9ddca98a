"""The tasks that every DAG of Passback is wired from: each takes the run it belongs to, and calls one of `steps`.

Heavy imports are inside the tasks, so that parsing a DAG file stays quick.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import TriggerRule, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from passback.orchestration import task_states, this_run, under_way


@task.short_circuit(ignore_downstream_trigger_rules=True)
def join() -> bool:
    """Goes on unless a run of the same part is under way: then everything after it is skipped, and the run is green."""
    from passback import runs, steps

    asked = runs.asked(get_current_context())
    return steps.joins(asked, under_way(asked.dag_id)) is None


@task
def open_run() -> list[str]:
    """Settings and connections, the as-of day; gives the sources."""
    from passback import runs, steps

    return steps.open_run(runs.asked(get_current_context()))


@task(pool="powerschool")
def extract_roster() -> dict[str, Any]:
    """PowerSchool's roster into staging."""
    from passback import steps

    return steps.extract_roster(*this_run())


@task(pool="otus")
def extract_otus() -> dict[str, Any]:
    """Otus into staging; skipped where it is off in this run."""
    return _extract("otus")


@task(pool="schoology")
def extract_schoology() -> dict[str, Any]:
    """Schoology into staging, section by section of the roster; skipped where it is off in this run."""
    return _extract("schoology")


@task(trigger_rule=TriggerRule.ALL_DONE)
def check_quality() -> dict[str, Any]:
    """Great Expectations on the staged tables."""
    from passback import steps

    return steps.check_quality(*this_run())


@task
def evaluate() -> dict[str, Any]:
    """Every item and every score by the rules."""
    from passback import steps

    return steps.evaluate(*this_run())


@task
def plan() -> list[dict[str, Any]]:
    """What differs from the ledger, in shards of schools."""
    from passback import steps

    return steps.plan(*this_run())


@task(pool="powerschool", map_index_template="{{ label }}")
def deliver(shard: dict[str, Any]) -> dict[str, int]:
    """One shard to PowerSchool."""
    from passback import steps

    return steps.deliver(*this_run(label=shard["label"]), shard["shard"])


@task(pool="powerschool", trigger_rule=TriggerRule.ALL_DONE)
def verify() -> dict[str, int]:
    """Reads back what was written."""
    from passback import steps

    return steps.verify(*this_run())


@task(trigger_rule=TriggerRule.ALL_DONE)
def reconcile() -> dict[str, Any]:
    """The books and the report."""
    from passback import steps

    return steps.reconcile(*this_run())


@task(trigger_rule=TriggerRule.ALL_DONE)
def verdict() -> str:
    """Red or green, with every reason."""
    from passback import steps

    return steps.verdict(*this_run(), task_states(*this_run()))


def _extract(source: str) -> dict[str, Any]:
    from passback import steps

    if source not in steps.sources_of(*this_run()):
        raise AirflowSkipException(f"{source} is off in this run")
    return steps.extract_source(*this_run(), source)
