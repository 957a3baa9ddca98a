"""Closing a run: the books, the report, and the verdict."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from passback import database, preflight, runs
from passback.errors import Terminal

log = logging.getLogger(__name__)


def reconcile(dag_id: str, run_id: str) -> dict[str, Any]:
    """Draws up the books and the lines, and writes the report; returns its folder and counts."""
    from passback.reconciliation.report import reconcile as draw_up

    uri = database.uri_from_airflow()
    run = runs.find(uri, dag_id, run_id)
    reports = os.environ.get("PASSBACK_REPORTS") or str(preflight.home() / "reports")
    with runs.in_use(uri, run):
        return draw_up(uri, run.run_key, reports)


def verdict(dag_id: str, run_id: str, states: Mapping[str, str]) -> str:
    """Green, or Terminal with every reason why the run is red; `states` of the run's tasks by Airflow's names."""
    from passback.reconciliation.verdict import red_reasons

    uri = database.uri_from_airflow()
    run = runs.find(uri, dag_id, run_id)
    reasons = red_reasons(uri, run.run_key)
    if failed := _in_state(states, "failed"):
        reasons.append(f"{', '.join(failed)} failed: see {'its log' if len(failed) == 1 else 'their logs'}.")
    if left_out := _in_state(states, "upstream_failed"):
        reasons.append(f"{', '.join(left_out)} did not run after that.")
    for reason in reasons:
        log.error("Red: %s", reason)
    if reasons:
        raise Terminal("The night is red:\n- " + "\n- ".join(reasons))
    return "green"


def _in_state(states: Mapping[str, str], wanted: str) -> list[str]:
    return sorted(task for task, state in states.items() if str(state) == wanted)
