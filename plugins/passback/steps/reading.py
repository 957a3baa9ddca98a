"""Reading: the sources and PowerSchool's roster into staging, and the gate that they must pass."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from passback import parts, preflight, runs
from passback.errors import PassbackError, Terminal
from passback.runs import Run
from passback.settings import Settings, check_schools
from passback.steps.context import powerschool_hook, problems, this, today_in

if TYPE_CHECKING:
    from passback.hooks.otus import RequestCounts

log = logging.getLogger(__name__)

ROSTER_QUERIES = 4


def extract_source(dag_id: str, run_id: str, source: str) -> dict[str, Any]:
    """Reads one source into staging; one that cannot be read is left out of the night, which ends red."""
    from passback.hooks.otus import RequestCounts

    uri, run, settings = this(dag_id, run_id)
    counted = RequestCounts()
    runs.set_source(uri, run.run_key, source, "on")
    try:
        with problems(uri, run, f"extract {source}"):
            return _extract(uri, run, source, settings, counted)
    except PassbackError as error:
        runs.set_source(uri, run.run_key, source, "unreadable", str(error))
        raise
    finally:
        runs.add_requests(uri, run.run_key, "extract", counted, source)


def _extract(uri: str, run: Run, source: str, settings: Settings, counted: RequestCounts) -> dict[str, Any]:
    if source == "otus":
        from passback.sources.otus.extract import extract_otus

        return extract_otus(uri, run.run_key, settings, run.dry_run, counted)
    from passback.sources.schoology.extract import extract_schoology

    sections = parts.reach(uri, run.part, today_in(settings)).sections
    return extract_schoology(
        uri, run.run_key, settings, sections=sections, schools=run.schools, dry_run=run.dry_run, requests=counted
    )


def extract_roster(dag_id: str, run_id: str) -> dict[str, Any]:
    """Reads PowerSchool's roster of the school year into staging; without it the run stops."""
    from passback.delivery.engine import budget_of
    from passback.powerschool.roster import extract_roster as extract
    from passback.powerschool.slots import slotted

    uri, run, settings = this(dag_id, run_id)
    budget = budget_of(uri, settings)
    client = powerschool_hook().client(budget)

    at_once = min(ROSTER_QUERIES, settings.delivery.in_flight)

    async def read() -> dict[str, Any]:
        async with slotted(uri, client, budget, at_once) as queries:
            return await extract(uri, run.run_key, queries, settings, run.schools, run.year, at_once=at_once)

    try:
        with problems(uri, run, "extract powerschool"):
            return asyncio.run(read())
    finally:
        budget.close()
        runs.add_requests(uri, run.run_key, "extract", client.requests, "powerschool")


def check_quality(dag_id: str, run_id: str) -> dict[str, Any]:
    """The quality gate: a source that fails it is not judged, a roster that fails it stops the run."""
    from passback.quality import check_roster, check_source

    uri, run, settings = this(dag_id, run_id)
    docs = preflight.home() / "data_docs" / run.run_id
    runs.clear_problems(uri, run.run_key, "quality gate")
    if runs.has_problem(uri, run.run_key, "extract powerschool"):
        raise Terminal("PowerSchool's roster was not read: see the task extract_roster.")
    with problems(uri, run, "roster gate"):
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
