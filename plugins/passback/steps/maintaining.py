"""Maintaining: what the settings keep only so long goes; each step can be run again, and beside a night."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

from passback import database, preflight
from passback.settings import Settings
from passback.steps.context import read_settings, stop_on_signals, today_in
from passback.steps.rebuilding import reports_path

log = logging.getLogger(__name__)

# So long into a school year the one before is still staged: periods are closed and nights repeated after its end.
YEAR_GRACE = timedelta(days=90)


def delete_quarantine(*, dry_run: bool) -> dict[str, int]:
    """Quarantined records older than `[retention] quarantine_days`."""
    from passback.maintenance import rows

    settings, uri = read_settings(), database.uri_from_airflow()
    database.migrate(uri)
    before = _ago(settings.retention.quarantine_days)
    with stop_on_signals():
        return _told(
            "quarantined records", before, {"records": rows.delete_quarantine(uri, before, dry_run=dry_run)}, dry_run
        )


def delete_old_runs(*, dry_run: bool) -> dict[str, int]:
    """The rows of runs older than `[retention] report_days`; the ledger, and what stands on a run, stay."""
    from passback.maintenance import rows

    settings, uri = read_settings(), database.uri_from_airflow()
    before = _ago(settings.retention.report_days)
    with stop_on_signals():
        return _told("runs", before, rows.delete_old_runs(uri, before, dry_run=dry_run), dry_run)


def delete_reports(*, dry_run: bool) -> dict[str, int]:
    """Reports, previews among them, and Data Docs older than `[retention] report_days`."""
    from passback.maintenance import folders

    before = _ago(read_settings().retention.report_days)
    deleted = {
        "reports": folders.delete_reports(reports_path(), before, dry_run=dry_run),
        "data_docs": folders.delete_data_docs(preflight.home(), before, dry_run=dry_run),
    }
    return _told("reports", before, deleted, dry_run)


def archive_staging(*, dry_run: bool) -> dict[str, Any]:
    """What is staged of older school years; the ledger keeps its items."""
    from passback.maintenance import rows

    settings, uri = read_settings(), database.uri_from_airflow()
    before = first_staged_day(settings, today_in(settings))
    with stop_on_signals():
        archived = {
            "otus": rows.archive_otus(uri, before, settings.time_zone, dry_run=dry_run),
            "schoology": rows.archive_schoology(uri, before, dry_run=dry_run),
        }
    return _told("school years in staging", before, archived, dry_run)


def first_staged_day(settings: Settings, today: date) -> date:
    """The first day of the school year whose items are still staged."""
    return settings.school_year(today - YEAR_GRACE)[0]


def _ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _told(what: str, before: date, counts: dict[str, Any], dry_run: bool) -> dict[str, Any]:
    log.info("%s before %s %s: %s", what, before, "would go" if dry_run else "are gone", counts)
    return counts
