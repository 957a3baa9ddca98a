"""Old reports out of the report path, and old Data Docs out of the home: only folders that a run of ours wrote."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from passback.reconciliation.folder import LAST_FILE, root, safe_name

log = logging.getLogger(__name__)

OURS = "passback_"
# What a report that is being deleted is called meanwhile, behind its own name.
GOING = ".going"


def delete_reports(reports: str, before: datetime, *, dry_run: bool) -> int:
    """Deletes (a dry run: counts) the reports that were finished before that moment; how many.

    `reports` is the report path, local or in an object store. A folder counts as ours where it lies as
    `<dag_id>/<as_of>/<run_id>` and its summary.json names that run; everything else is left alone.
    """
    deleted = 0
    for folder in list(_old_reports(root(reports), before, dry_run=dry_run)):
        if dry_run:
            deleted += 1
        elif _remove(folder, before):
            deleted += 1
            log.info("the report %s is older than its days: deleted", folder)
            _remove_empty(folder.parent)
    return deleted


def delete_data_docs(home: Path, before: datetime, *, dry_run: bool) -> int:
    """Deletes (a dry run: counts) the Data Docs of runs that were checked before that moment; how many."""
    docs = home / "data_docs"
    old = [folder for folder in _folders(docs) if _changed_at(folder) < before] if docs.is_dir() else []
    for folder in old:
        if not dry_run:
            shutil.rmtree(folder)
    return len(old)


def _old_reports(reports: Any, before: datetime, *, dry_run: bool) -> Iterator[Any]:
    if not reports.exists():
        return
    for dag in _folders(reports):
        if not dag.name.startswith(OURS):
            continue
        for day in _folders(dag):
            as_of = _day(day.name)
            # A run's report is never older than the day that it judged by more than the clocks of two time zones.
            if as_of is None or as_of > before.date():
                continue
            for abandoned in day.glob(f".*{GOING}") if isinstance(day, Path) and not dry_run else ():
                shutil.rmtree(abandoned, ignore_errors=True)  # a maintenance was killed over it
            for run in _folders(day):
                if _finished_before(run, dag.name, before):
                    yield run


def _finished_before(run: Any, dag_folder: str, before: datetime, name: str | None = None) -> bool:
    try:
        summary = json.loads((run / LAST_FILE).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(summary.get("finished_at") or summary["started_at"])
        ours = safe_name(summary["run_id"]) == (name or run.name) and safe_name(summary["dag_id"]) == dag_folder
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return ours and at.tzinfo is not None and at < before


def _folders(folder: Any) -> Iterator[Any]:
    """The folders in a folder; links are nobody's to follow."""
    for path in folder.iterdir():
        if path.is_dir() and not (isinstance(path, Path) and path.is_symlink()):
            yield path


def _remove(folder: Any, before: datetime) -> bool:
    """Deletes an old report, whether it does: a run that was cleared may have written it anew since it was found."""
    if not isinstance(folder, Path):
        found = _finished_before(folder, folder.parent.parent.name, before)
        if found:
            folder.fs.rm(folder.path, recursive=True)
        return found
    going = folder.with_name(f".{folder.name}{GOING}")
    try:
        folder.rename(going)  # from here on a run that is cleared writes beside it, and not into it
    except OSError:
        return False
    if not _finished_before(going, folder.parent.parent.name, before, folder.name):
        if not folder.exists():
            going.rename(folder)
        return False
    shutil.rmtree(going)
    return True


def _remove_empty(folder: Any) -> None:
    """A day without a report goes too; an object store has no empty folders."""
    if isinstance(folder, Path):
        with suppress(OSError):  # not empty: a run has just begun to write there
            folder.rmdir()


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _changed_at(folder: Path) -> datetime:
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
