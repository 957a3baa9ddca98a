"""Rebuilding: the ledger from what PowerSchool holds, and the release of what differs from a rebuilt row."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from passback import database, preflight, runs
from passback.errors import PassbackError, Terminal, Transient
from passback.runs import Asked, Run
from passback.settings import Settings
from passback.steps.context import powerschool_hook, problems, read_settings, stop_on_signals, today_in
from passback.steps.reading import extract_roster

if TYPE_CHECKING:
    from passback.rebuild.engine import Reading

log = logging.getLogger(__name__)

DAG_ID = "passback_rebuild"


def asked_by_hand(parameters: dict[str, Any]) -> Asked:
    """A rebuild or release that no DAG run stands for: a person's command."""
    now = datetime.now(UTC)
    return Asked(DAG_ID, f"manual__{now.isoformat(timespec='milliseconds')}", False, None, now, parameters)


def rebuild_ledger(
    asked: Asked, *, sections: Sequence[int] | None = None, tell: Callable[[Reading], None] = lambda reading: None
) -> dict[str, Any]:
    """Reads the roster and every section, and brings the ledger to what PowerSchool holds.

    With the parameter `dry_run` it only says what it would change. Can be run again at any time. Returns the content of
    summary.json, with the report's `folder`. Raises Transient where sections could not be read: the others are done,
    and running it again does the rest.
    """
    settings, uri = read_settings(), database.uri_from_airflow()
    powerschool_hook().get_conn()
    database.migrate(uri)
    run = runs.register(uri, asked, settings, [])
    with problems(uri, run, "rebuild"), stop_on_signals():
        extract_roster(asked.dag_id, asked.run_id)
        told = _rebuild(uri, run, settings, list(sections) if sections else None, tell)
        if told["sections_unread"]:
            reason = next(iter(told["sections_unread"].values()))
            raise Transient(
                f"{len(told['sections_unread'])} of {told['sections']} sections could not be read ({reason}): the "
                f"others are done. Run the rebuild again for the rest. See {told['folder']}."
            )
    return told


def _rebuild(
    uri: str, run: Run, settings: Settings, sections: list[int] | None, tell: Callable[[Reading], None]
) -> dict[str, Any]:
    from passback.rebuild import report
    from passback.rebuild.engine import Reading, Rebuild, read_everything
    from passback.reconciliation.folder import report_folder

    target = report_folder(reports_path(), run.dag_id, run.as_of, run.run_id)
    failure: PassbackError | None = None
    reading = Reading()
    with report.writing(target) as (draft, keep):
        asked = Rebuild(uri, run.run_key, settings, today_in(settings), run.dry_run, sections, keep, tell, reading)
        try:
            read_everything(asked, powerschool_hook())
        except PassbackError as error:  # what was found and done by then is told all the same
            failure = error
        with database.connect(uri) as connection:
            totals = database.one(connection, "rebuild_totals")
            database.run(connection, "rebuild_finish", run_key=run.run_key)
        told = report.summary(run, reading, totals)
        report.write_summary(draft, told)
    if failure is not None:
        raise failure
    if not reading.sections:
        raise Terminal("PowerSchool's roster of this school year has no such section: nothing was rebuilt.")
    return told | {"folder": str(target)}


def unverified_changes(sections: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """The changes that the last run of each item held as UNVERIFIED, old and new, in the columns of unverified.csv."""
    from passback.rebuild.release import waiting

    return waiting(database.uri_from_airflow(), list(sections) if sections else None)


def write_unverified(waiting: list[dict[str, Any]]) -> str:
    """Writes these changes into unverified.csv under the report path; its path."""
    from passback.rebuild import report

    return str(report.write_unverified(reports_path(), waiting))


def release_unverified(accept: str, by: str, sections: Sequence[int] | None = None) -> dict[str, int]:
    """Releases those changes: `source` lets the next run send ours, `powerschool` keeps what PowerSchool holds."""
    from passback.rebuild.release import release

    return release(database.uri_from_airflow(), accept, by, list(sections) if sections else None)


def reports_path() -> str:
    """Where reports go."""
    return os.environ.get("PASSBACK_REPORTS") or str(preflight.home() / "reports")
