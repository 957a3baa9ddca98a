"""Releasing: what the guard held is asked about, and sent where somebody approves it."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from passback import database, runs
from passback.guard import release
from passback.guard.question import Question
from passback.guard.release import Decision
from passback.runs import Asked
from passback.settings import Settings, check
from passback.steps.context import powerschool_hook, problems, read_settings, this, today_in

log = logging.getLogger(__name__)

# Airflow takes run ids of 250 characters.
LONGEST_NAMES = 240


def release_to_ask(dag_id: str, run_id: str) -> dict[str, Any] | None:
    """What passback_release is to be started with for the changes that the run holds; None where it holds none.

    The run id is the same however often it is asked for: one release a run. It is made of the run's names in Airflow,
    not of its key: that one begins anew where the database is lost, and Airflow would remember an old release of it.
    """
    uri = database.uri_from_airflow()
    held = release.held_by(uri, dag_id, run_id)
    if not held.waits:
        return None
    log.info("The guard holds %s items and %s scores", f"{held.items:,}", f"{held.scores:,}")
    return {"run_id": _release_id(dag_id, run_id), "conf": {"held_dag_id": dag_id, "held_run_id": run_id}}


def _release_id(dag_id: str, run_id: str) -> str:
    """The run id of the release of a run: its names where they fit, else what stands for them."""
    names = f"{dag_id}__{run_id}"
    if len(names) > LONGEST_NAMES:
        names = hashlib.sha256(names.encode()).hexdigest()
    return f"release__{names}"


def open_release(asked: Asked) -> dict[str, int]:
    """Keeps the release's own run, of the same school day as the one that holds, and what it asks about."""
    settings, uri = read_settings(), database.uri_from_airflow()
    database.migrate(uri)
    held = release.held_by(uri, str(asked.parameters["held_dag_id"]), str(asked.parameters["held_run_id"] or ""))
    parameters = {**asked.parameters, "as_of": held.as_of.isoformat()}
    asked = dataclasses.replace(asked, parameters=parameters)
    run = runs.register(uri, asked, settings, held.sources, schools=held.schools)
    with problems(uri, run, "open_release"):
        powerschool_hook().get_conn()
        check(settings, held.sources)
        release.ask(uri, run.run_key, held)
    log.info("%s items and %s scores of the run %s wait", f"{held.items:,}", f"{held.scores:,}", held.run_id)
    return {"items": held.items, "scores": held.scores}


def release_question(dag_id: str, run_id: str, held_run_url: Any) -> tuple[Question, timedelta]:
    """What the release asks, and how long it waits: until `[guard] release_until`, local time, today or tomorrow.

    `held_run_url` makes the address of a run's page in Airflow from its DAG and run id.
    """
    uri, run, settings = this(dag_id, run_id)
    now = datetime.now(UTC)
    until = waits_until(now, settings)
    url = held_run_url(*release.held_run(uri, run.run_key))
    return release.asked_question(uri, run.run_key, until, url), until - now


def waits_until(now: datetime, settings: Settings) -> datetime:
    """The next moment after `now` when the district's clocks show `[guard] release_until`."""
    local = now.astimezone(ZoneInfo(settings.time_zone))
    hour, minute = (int(part) for part in settings.guard.release_until.split(":"))
    until = datetime.combine(local.date(), time(hour, minute), local.tzinfo)
    # Compared as moments: within one zone Python would compare the clocks' faces.
    return until if until.astimezone(UTC) > now else until + timedelta(days=1)


def decide(dag_id: str, run_id: str, approved: bool, who: str | None, at: datetime) -> str:
    """Keeps who decided what and when; nobody at all (`who` None) is no answer. Gives the decision."""
    uri, run, settings = this(dag_id, run_id)
    verdict: release.Verdict = "unanswered" if who is None else "approved" if approved else "rejected"
    local = at.astimezone(ZoneInfo(settings.time_zone))
    release.decide(uri, run.run_key, Decision(verdict, who or "", local))
    log.info("%s%s", verdict, f" by {who}" if who else "")
    return verdict


def evaluate_release(dag_id: str, run_id: str) -> dict[str, dict[str, int]]:
    """Judges the items of an approved release as the sources are staged now; of any other none."""
    from passback.evaluation import Judged, evaluate

    uri, run, settings = this(dag_id, run_id)
    decision = release.decision_of(uri, run.run_key)
    if decision is None or decision.verdict != "approved":
        return {}
    sections, today = release.sections(uri, run.run_key), today_in(settings)
    with problems(uri, run, "evaluate"):
        counts = {
            source: evaluate(
                uri, Judged(run.run_key, source, seq, run.as_of, today, run.year, None, sections), settings
            )
            for source, seq in release.read_sources(uri, run.run_key).items()
        }  # fmt: skip
        release.prune(uri, run.run_key)
    return counts


def plan_release(dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Plans an approved release anew, and gives the shards of what is still as it was approved; of any other none."""
    from passback.planning import plan

    uri, run, settings = this(dag_id, run_id)
    decision = release.decision_of(uri, run.run_key)
    if decision is None or decision.verdict != "approved":
        return []
    with problems(uri, run, "plan"):
        release.accept_unverified(uri, run.run_key, decision)
        _, shards = plan(uri, run.run_key, settings, release.hold_unapproved)
    return shards
