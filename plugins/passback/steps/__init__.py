"""One function per task: takes the run that Airflow names, returns counts (`passback.tasks` are the tasks)."""

from passback.steps.closing import reconcile, verdict
from passback.steps.judging import evaluate, plan
from passback.steps.maintaining import archive_staging, delete_old_runs, delete_quarantine, delete_reports
from passback.steps.opening import joins, open_run, sources_of
from passback.steps.reading import check_quality, extract_roster, extract_source
from passback.steps.rebuilding import rebuild_ledger, release_unverified, unverified_changes, write_unverified
from passback.steps.releasing import (
    decide,
    evaluate_release,
    open_release,
    plan_release,
    release_question,
    release_to_ask,
)
from passback.steps.sending import deliver, verify

__all__ = [
    "archive_staging",
    "check_quality",
    "decide",
    "delete_old_runs",
    "delete_quarantine",
    "delete_reports",
    "deliver",
    "evaluate",
    "evaluate_release",
    "extract_roster",
    "extract_source",
    "joins",
    "open_release",
    "open_run",
    "plan",
    "plan_release",
    "rebuild_ledger",
    "reconcile",
    "release_question",
    "release_to_ask",
    "release_unverified",
    "sources_of",
    "unverified_changes",
    "verdict",
    "verify",
    "write_unverified",
]
