"""Finds the report of a run again under the report path, local or in an object store."""

from typing import Any

from passback.local.environment import NIGHTLY
from passback.reconciliation.folder import LAST_FILE, root, safe_name


def report_folder(reports: str, run_id: str, dag_id: str = NIGHTLY) -> Any | None:
    """The folder of the run's report (`<reports>/<dag_id>/<as_of>/<run_id>/`), or None where none was written."""
    nights = root(reports) / safe_name(dag_id)
    if not nights.exists():
        return None
    for day in nights.iterdir():
        folder = day / safe_name(run_id)
        if (folder / LAST_FILE).exists():
            return folder
    return None
