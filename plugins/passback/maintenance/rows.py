"""Old rows out of the district's database, in short transactions; what a delivery or a page stands on stays."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from passback import database, stop
from passback.database import Connection

log = logging.getLogger(__name__)

BATCH_ROWS = 20_000
BATCH_SECTIONS = 200
# Nights that the next ones may be compared with, whatever their age: the guard's, the news, since when a line stands.
KEPT_NIGHTS = 10


@dataclass(frozen=True, slots=True)
class OldRun:
    """One run whose rows are no longer kept."""

    run_key: int
    dag_id: str
    run_id: str
    as_of: date


def delete_quarantine(uri: str, before: datetime, *, dry_run: bool) -> int:
    """Deletes (a dry run: counts) the quarantined records of before that moment; how many."""
    with database.connect(uri, autocommit=True) as connection:
        if dry_run:
            return int(database.one(connection, "maintain_quarantine_count", before=before)["rows"])
        return _in_batches(lambda: database.run(connection, "maintain_quarantine", before=before, rows=BATCH_ROWS))


def old_runs(uri: str, before: datetime) -> list[OldRun]:
    """The runs that ended before that moment, whose rows are still there and on which nothing stands."""
    with database.connect(uri) as connection:
        found = database.rows(connection, "maintain_old_runs", before=before, nights=KEPT_NIGHTS)
    return [OldRun(row["run_key"], row["dag_id"], row["run_id"], row["as_of"]) for row in found]


def delete_old_runs(uri: str, before: datetime, *, dry_run: bool) -> dict[str, int]:
    """Deletes (a dry run: counts) the rows of those runs, and the extractions of before that nothing stands on."""
    found = old_runs(uri, before)
    with database.connect(uri, autocommit=True) as connection:
        if dry_run:
            keys = [run.run_key for run in found]
            rows = int(database.one(connection, "maintain_run_rows_count", run_keys=keys)["rows"])
            return {"runs": len(found), "rows": rows}
        rows = sum(_delete_run(connection, run) for run in found)
        extractions = _in_batches(
            lambda: database.run(connection, "maintain_extractions", before=before, rows=BATCH_ROWS)
        )
    return {"runs": len(found), "rows": rows, "extractions": extractions}


def archive_otus(uri: str, before: date, zone: str, *, dry_run: bool) -> dict[str, Any]:
    """Takes Otus's scores of items before that day out of staging; see include/sql/maintain_otus_scores.sql."""
    with database.connect(uri, autocommit=True) as connection:
        scope = {
            "before": before,
            "zone": zone,
            "listed": database.one(connection, "maintain_listed", source="otus")["listed"],
        }
        if dry_run:
            return {"scores": int(database.one(connection, "maintain_otus_scores_count", **scope)["rows"])}

        def batch() -> int:
            return database.run(connection, "maintain_otus_scores", **scope, rows=BATCH_ROWS)

        return {"scores": _under_lock(connection, "otus", batch)}


def archive_schoology(uri: str, before: date, *, dry_run: bool) -> dict[str, Any]:
    """Takes Schoology's sections of school years before that day out of staging, whole."""
    with database.connect(uri, autocommit=True) as connection:
        if dry_run:
            return dict(database.one(connection, "maintain_schoology_sections_count", before=before))
        rows = 0

        def batch() -> int:
            nonlocal rows
            found = database.one(connection, "maintain_schoology_sections", before=before, sections=BATCH_SECTIONS)
            rows += int(found["rows"])
            return int(found["sections"])

        sections = _under_lock(connection, "schoology", batch)
    return {"sections": sections, "rows": rows}


def _delete_run(connection: Connection, run: OldRun) -> int:
    """Deletes one run's rows, how many; none while a step of the run is under way, since it was cleared just now."""
    if not database.one(connection, "run_take", run_key=run.run_key)["taken"]:
        log.warning("%s of %s is under way again: it goes the next time", run.run_id, run.as_of)
        return 0
    try:
        return _delete_rows(connection, run)
    finally:
        database.rows(connection, "run_give_back", run_key=run.run_key)


def _delete_rows(connection: Connection, run: OldRun) -> int:
    database.run(connection, "maintain_mark_run", run_key=run.run_key)
    rows = _in_batches(
        lambda: int(database.one(connection, "maintain_run_rows", run_key=run.run_key, rows=BATCH_ROWS)["rows"])
    )
    log.info("%s of %s: %s rows deleted", run.run_id, run.as_of, f"{rows:,}")
    return rows


def _under_lock(connection: Connection, source: str, batch: Callable[[], int]) -> int:
    """Batches that no extraction of the source may meet; where one is under way, the rest waits for the next time."""
    total = 0
    while True:
        with connection.transaction():
            if not database.one(connection, "extraction_try_lock", lock=f"extract:{source}")["held"]:
                log.warning("%s is being extracted: what is left goes the next time", source)
                return total
            deleted = batch()
        total += deleted
        stop.checkpoint()
        if not deleted:
            return total


def _in_batches(batch: Callable[[], int]) -> int:
    total = 0
    while deleted := batch():
        total += deleted
        stop.checkpoint()
    return total
