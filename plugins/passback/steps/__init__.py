"""One function per task: takes the run that Airflow names, returns counts (`passback.tasks` are the tasks)."""

from passback.steps.closing import reconcile, verdict
from passback.steps.judging import evaluate, plan
from passback.steps.opening import joins, open_run, sources_of
from passback.steps.reading import check_quality, extract_roster, extract_source
from passback.steps.sending import deliver, verify

__all__ = [
    "check_quality",
    "deliver",
    "evaluate",
    "extract_roster",
    "extract_source",
    "joins",
    "open_run",
    "plan",
    "reconcile",
    "sources_of",
    "verdict",
    "verify",
]
