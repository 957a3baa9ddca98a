"""The tasks that every DAG of Passback is wired from: each takes the run it belongs to, and calls one of `steps`.

Heavy imports are inside the tasks, so that parsing a DAG file stays quick.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import TriggerRule, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from passback.orchestration import RELEASE, has_scheduler, task_states, this_run, under_way


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


@task
def ask_for_release() -> str | None:
    """Starts passback_release where the guard holds changes of this run, once a run; skipped where it holds none."""
    from airflow.sdk.exceptions import DagRunTriggerException

    from passback import steps

    release = steps.release_to_ask(*this_run())
    if release is None:
        raise AirflowSkipException("the guard holds nothing that could be released")
    if not has_scheduler():
        raise AirflowSkipException("without a scheduler no release is started: the next night plans these changes anew")
    # What TriggerDagRunOperator raises; its own module takes a second to import, in every task of the night.
    raise DagRunTriggerException(
        trigger_dag_id=RELEASE, dag_run_id=release["run_id"], conf=release["conf"], logical_date=None,
        reset_dag_run=False, skip_when_already_exists=True, wait_for_completion=False, allowed_states=[],
        failed_states=[], poke_interval=60, deferrable=False,
    )  # fmt: skip


@task
def open_release() -> dict[str, int]:
    """Settings and connections; what the release asks about."""
    from passback import runs, steps

    return steps.open_release(runs.asked(get_current_context()))


@task(task_id="evaluate")
def evaluate_release() -> dict[str, Any]:
    """The items of an approved release by the rules, as the sources are staged now."""
    from passback import steps

    return steps.evaluate_release(*this_run())


@task(task_id="plan")
def plan_release() -> list[dict[str, Any]]:
    """What of the approved changes is still as it was approved, in shards of schools."""
    from passback import steps

    return steps.plan_release(*this_run())


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


@task(pool="powerschool")
def rebuild_ledger() -> dict[str, Any]:
    """The ledger from what PowerSchool holds; skipped where the run is there to release."""
    from passback import runs, steps

    asked = runs.asked(get_current_context())
    if asked.parameters.get("accept"):
        raise AirflowSkipException("this run releases what waits, and rebuilds nothing")
    return steps.rebuild_ledger(asked, sections=asked.parameters.get("sections"))


@task(trigger_rule=TriggerRule.NONE_FAILED)
def release_unverified() -> dict[str, int]:
    """What waits as UNVERIFIED, released as the run's parameter `accept` says; skipped without it."""
    from passback import runs, steps

    context = get_current_context()
    asked = runs.asked(context)
    accept = asked.parameters.get("accept")
    if not accept:
        raise AirflowSkipException("nothing was to be released")
    by = getattr(context["dag_run"], "triggering_user_name", None) or "unknown"
    return steps.release_unverified(str(accept), by, asked.parameters.get("sections"))


@task
def delete_quarantine() -> dict[str, int]:
    """Quarantined records that are older than the settings keep them."""
    from passback import steps

    return steps.delete_quarantine(dry_run=_is_preview())


@task
def delete_old_runs() -> dict[str, int]:
    """Rows of runs that are older than the settings keep reports."""
    from passback import steps

    return steps.delete_old_runs(dry_run=_is_preview())


@task
def delete_reports() -> dict[str, int]:
    """Reports and Data Docs that are older than the settings keep them."""
    from passback import steps

    return steps.delete_reports(dry_run=_is_preview())


@task
def archive_staging() -> dict[str, Any]:
    """Older school years out of staging."""
    from passback import steps

    return steps.archive_staging(dry_run=_is_preview())


def _is_preview() -> bool:
    return bool(get_current_context()["params"].get("dry_run"))


def _extract(source: str) -> dict[str, Any]:
    from passback import steps

    if source not in steps.sources_of(*this_run()):
        raise AirflowSkipException(f"{source} is off in this run")
    return steps.extract_source(*this_run(), source)
