"""Opening a run: settings and connections checked whole, the run kept, another one of the same part joined."""

from __future__ import annotations

import logging
from collections.abc import Callable

import psycopg

from passback import database, parts, preflight, runs
from passback.errors import Terminal, Transient
from passback.parts import Part
from passback.runs import Asked
from passback.settings import check
from passback.steps.context import powerschool_hook, problems, read_settings, today_in

log = logging.getLogger(__name__)

# How long a sync waits for another one of the same part that is just beginning.
JOIN_WAIT = "60s"


def joins(asked: Asked, is_under_way: Callable[[str], bool]) -> str | None:
    """The run id of an earlier run of the same part that is under way: this one has nothing to do but to join it.

    Where there is none, this run is kept, so that the next one joins it. `is_under_way` asks Airflow by run id.
    """
    settings, uri, part = read_settings(), database.uri_from_airflow(), parts.asked_for(asked.parameters)
    database.migrate(uri)
    with database.connect(uri) as connection:
        try:
            database.run(connection, "extraction_lock", lock=f"join:{asked.dag_id}:{part}", wait=JOIN_WAIT)
        except psycopg.errors.LockNotAvailable:
            raise Transient(f"Another sync of {part} has been beginning for over {JOIN_WAIT}: try again.") from None
        joined = runs.joins(uri, asked, part, is_under_way)
        if joined is None:
            runs.register(uri, asked, settings, preflight.sources_on(_wanted(asked, part)), part)
    log.info("%s of %s", f"Joins the run {joined}" if joined else "Begins a sync", part)
    return joined


def open_run(asked: Asked) -> list[str]:
    """Checks the settings and connections whole, brings the schema up to date, and keeps the run with its as-of day.

    Returns the sources that are on. Nothing is read from a source before this has passed.
    """
    settings = read_settings()
    uri = database.uri_from_airflow()
    database.migrate(uri)
    part = parts.asked_for(asked.parameters)
    on = preflight.sources_on(_wanted(asked, part))
    reach = parts.reach(uri, part, today_in(settings))
    run = runs.register(uri, asked, settings, on, part, reach.schools)
    with problems(uri, run, "open_run"):
        if not on:
            raise Terminal(
                "No source is on: set the Airflow connection `otus` or `schoology` (AIRFLOW_CONN_OTUS, "
                "AIRFLOW_CONN_SCHOOLOGY)."
            )
        powerschool_hook().get_conn()
        check(settings, on)
        preflight.check_schedule(asked, settings)
    log.info(
        "Run %s judges %s%s; sources: %s%s",
        run.run_id,
        run.as_of,
        "" if part.is_everything else f", {part} only",
        ", ".join(on),
        "; nothing is sent" if run.dry_run else "",
    )
    return on


def sources_of(dag_id: str, run_id: str) -> tuple[str, ...]:
    """The sources that are on in the run."""
    return runs.find(database.uri_from_airflow(), dag_id, run_id).sources


def _wanted(asked: Asked, part: Part) -> list[str] | None:
    """The sources that a run asks for by name: those of its parameter, or the one of its item."""
    return [part.source] if part.source else asked.parameters.get("sources")
