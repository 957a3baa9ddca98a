"""One function per task of the night: takes the run that Airflow names, returns counts."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from passback import database, preflight, runs
from passback.errors import PassbackError, Terminal
from passback.runs import Asked, Run
from passback.settings import Settings, check, check_schools, load, settings_path

log = logging.getLogger(__name__)

ROSTER_QUERIES = 4
UNDONE = ("failed", "upstream_failed")


def open_run(asked: Asked) -> list[str]:
    """Checks the settings and connections whole, brings the schema up to date, and keeps the run with its as-of day.

    Returns the sources that are on. Nothing is read from a source before this has passed.
    """
    settings = _settings()
    uri = database.uri_from_airflow()
    database.migrate(uri)
    on = preflight.sources_on(asked.parameters.get("sources"))
    run = runs.register(uri, asked, settings, on)
    with _problems(uri, run, "open_run"):
        if not on:
            raise Terminal("No source is on: set the Airflow connection `otus` (AIRFLOW_CONN_OTUS).")
        _powerschool_hook().get_conn()
        check(settings, on)
        preflight.check_schedule(asked, settings)
    log.info(
        "Run %s judges %s; sources: %s%s",
        run.run_id,
        run.as_of,
        ", ".join(on),
        "; nothing is sent" if run.dry_run else "",
    )
    return on


def extract_source(dag_id: str, run_id: str, source: str) -> dict[str, Any]:
    """Reads one source into staging; one that cannot be read is left out of the night, which ends red."""
    from passback.hooks.otus import RequestCounts
    from passback.sources.otus.extract import extract_otus

    uri, run, settings = _run(dag_id, run_id)
    counted = RequestCounts()
    runs.set_source(uri, run.run_key, source, "on")
    try:
        with _problems(uri, run, f"extract {source}"):
            return extract_otus(uri, run.run_key, settings, run.dry_run, counted)
    except PassbackError as error:
        runs.set_source(uri, run.run_key, source, "unreadable", str(error))
        raise
    finally:
        runs.add_requests(uri, run.run_key, "extract", counted, source)


def extract_roster(dag_id: str, run_id: str) -> dict[str, Any]:
    """Reads PowerSchool's roster of the school year into staging; without it the run stops."""
    from passback.delivery.engine import budget_of
    from passback.powerschool.roster import extract_roster as extract
    from passback.powerschool.slots import slotted

    uri, run, settings = _run(dag_id, run_id)
    budget = budget_of(uri, settings)
    client = _powerschool_hook().client(budget)

    at_once = min(ROSTER_QUERIES, settings.delivery.in_flight)

    async def read() -> dict[str, Any]:
        async with slotted(uri, client, budget, at_once) as queries:
            return await extract(uri, run.run_key, queries, settings, run.schools, run.year, at_once=at_once)

    try:
        with _problems(uri, run, "extract powerschool"):
            return asyncio.run(read())
    finally:
        budget.close()
        runs.add_requests(uri, run.run_key, "extract", client.requests, "powerschool")


def check_quality(dag_id: str, run_id: str) -> dict[str, Any]:
    """The quality gate: a source that fails it is not judged, a roster that fails it stops the run."""
    from passback.quality import check_roster, check_source

    uri, run, settings = _run(dag_id, run_id)
    docs = preflight.home() / "data_docs" / run.run_id
    runs.clear_problems(uri, run.run_key, "quality gate")
    if runs.has_problem(uri, run.run_key, "extract powerschool"):
        raise Terminal("PowerSchool's roster was not read: see the task extract_roster.")
    with _problems(uri, run, "roster gate"):
        wrong = check_roster(uri, run.run_key, settings, docs)
        if wrong:
            raise Terminal("The roster fails the quality gate, and nothing is sent: " + " ".join(wrong))
        if run.schools is None:
            check_schools(settings, preflight.known_schools(uri))
    refused: dict[str, list[str]] = {}
    for source in runs.sources_in(uri, run.run_key, "read") | runs.sources_in(uri, run.run_key, "refused"):
        wrong = check_source(uri, run.run_key, source, settings, docs)
        runs.set_source(uri, run.run_key, source, "refused" if wrong else "read", " ".join(wrong))
        for line in wrong:
            log.error("%s is not judged this night: %s", source, line)
            runs.add_problem(uri, run.run_key, "quality gate", f"{source} is not judged this night: {line}")
        if wrong:
            refused[source] = wrong
    return {"refused": refused, "data_docs": str(docs)}


def evaluate(dag_id: str, run_id: str) -> dict[str, dict[str, int]]:
    """Judges every staged item and score of the sources that were read."""
    from passback.evaluation import Judged
    from passback.evaluation import evaluate as judge

    uri, run, settings = _run(dag_id, run_id)
    today = datetime.now(ZoneInfo(settings.time_zone)).date()
    with _problems(uri, run, "evaluate"):
        return {
            source: judge(uri, Judged(run.run_key, source, seq, run.as_of, today, run.year, run.schools), settings)
            for source, seq in runs.sources_in(uri, run.run_key, "read").items()
        }


def plan(dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Compares with the ledger, and gives the shards to deliver; a preview delivers none."""
    from passback.planning import plan as compare

    uri, run, settings = _run(dag_id, run_id)
    with _problems(uri, run, "plan"):
        _, shards = compare(uri, run.run_key, settings)
    return [] if run.dry_run else shards


def deliver(dag_id: str, run_id: str, shard: int) -> dict[str, int]:
    """Sends one shard of the plan; returns the requests it took."""
    from passback.delivery.engine import Shard, deliver_shard

    uri, run, settings = _run(dag_id, run_id)
    stopped = runs.stopped_by(uri, run.run_key)
    if stopped:
        raise Terminal(f"The run was stopped by {stopped}: nothing more is sent.", stopped)
    ends_at = runs.open_window(uri, run.run_key, settings.delivery.max_minutes)
    with _problems(uri, run, f"deliver {shard}"), _stop_on_signals():
        try:
            requests = deliver_shard(uri, Shard(run.run_key, shard, ends_at), settings, _powerschool_hook())
        except Terminal as error:
            if error.code:
                runs.stop(uri, run.run_key, error.code)
            raise
    return {"requests": requests.total, "repeated": requests.retried, "throttled": requests.throttled}


def verify(dag_id: str, run_id: str) -> dict[str, int]:
    """Reads back what this run wrote, and confirms it or takes it back."""
    from passback.verification import verify as read_back

    uri, run, settings = _run(dag_id, run_id)
    with _problems(uri, run, "verify"), _stop_on_signals():
        counts = read_back(uri, run.run_key, settings, _powerschool_hook())
        if counts["unread"]:
            runs.add_problem(
                uri, run.run_key, "verify", f"{counts['unread']} sections could not be read back.", "SIS_UNAVAILABLE"
            )
    return counts


def reconcile(dag_id: str, run_id: str) -> dict[str, Any]:
    """Draws up the books and the lines, and writes the report; returns its folder and counts."""
    from passback.reconciliation.report import reconcile as draw_up

    uri = database.uri_from_airflow()
    run = runs.find(uri, dag_id, run_id)
    reports = os.environ.get("PASSBACK_REPORTS") or str(preflight.home() / "reports")
    return draw_up(uri, run.run_key, reports)


def verdict(dag_id: str, run_id: str, states: Mapping[str, str]) -> str:
    """Green, or Terminal with every reason why the run is red; `states` of the run's tasks by Airflow's names."""
    from passback.reconciliation.verdict import red_reasons

    uri = database.uri_from_airflow()
    run = runs.find(uri, dag_id, run_id)
    reasons = red_reasons(uri, run.run_key)
    failed = sorted(task for task, state in states.items() if str(state) in UNDONE)
    if failed:
        reasons.append(f"{', '.join(failed)} did not end well: see the log of the first of them.")
    for reason in reasons:
        log.error("Red: %s", reason)
    if reasons:
        raise Terminal("The night is red:\n- " + "\n- ".join(reasons))
    return "green"


def _run(dag_id: str, run_id: str) -> tuple[str, Run, Settings]:
    settings = _settings()
    uri = database.uri_from_airflow()
    return uri, runs.find(uri, dag_id, run_id), settings


def _settings() -> Settings:
    return load(settings_path(os.environ))


def _powerschool_hook() -> Any:
    from passback.hooks.powerschool import PowerSchoolHook

    return PowerSchoolHook()


@contextmanager
def _problems(uri: str, run: Run, step: str) -> Iterator[None]:
    """Keeps a failure of the step as a problem of the run; a step that is run again starts clean."""
    runs.clear_problems(uri, run.run_key, step)
    try:
        yield
    except PassbackError as error:
        runs.add_problem(uri, run.run_key, step, str(error), error.code)
        raise
    except Exception as error:
        # Whatever else goes wrong may quote a row: its words stay in the task's log.
        runs.add_problem(uri, run.run_key, step, f"{type(error).__name__}: see the log of the task.")
        raise


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    """TERM and INT end sending between two requests: Airflow sends TERM where a task that is under way is cleared."""
    from passback import stop

    with stop.on_signals():
        yield
