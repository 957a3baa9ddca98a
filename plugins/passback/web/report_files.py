"""The files of a run's report, as its folder lists them, and nothing else of the report path."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import HTTPException
from fastapi.responses import StreamingResponse

from passback import preflight
from passback.reconciliation.files import SCHOOLS
from passback.reconciliation.folder import report_folder, safe_name

log = logging.getLogger(__name__)

BLOCK = 1 << 18
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# The report is a page of its own: it may show its style and its drawings, and run, load and send nothing.
SANDBOX = (
    "sandbox allow-downloads; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)


def files(run: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The report's files by name (`summary.json`, `schools/101.csv`) in order, and why they cannot be listed, if so."""
    folder = _folder(run)
    try:
        return dict(sorted(_listed(folder))) if _is_in_place(folder) else {}, ""
    except FileNotFoundError:
        return {}, ""
    except Exception as error:  # an object store's own errors have no class in common
        log.warning("The report folder %s cannot be listed: %s", folder, error)
        return {}, "The folder of the reports cannot be read here: Airflow's log says why."


def school_file(number: str) -> str:
    """The name of a school's own file in the report."""
    return f"{SCHOOLS}/{safe_name(number)}.csv"


def answer(run: dict[str, Any], name: str) -> StreamingResponse:
    """The file `name` of the run's report; HTTP 404 unless the folder lists it.

    The name is compared with the listing and never made part of a path.
    """
    found, unreadable = files(run)
    if name not in found:
        raise HTTPException(404, unreadable or f"The report of this run has no file {name}.")
    suffix = os.path.splitext(name)[1]  # noqa: PTH122  a name, not a path of this machine
    headers = {"content-disposition": _disposition(name, inline=suffix == ".html")}
    if suffix == ".html":
        headers["content-security-policy"] = SANDBOX
    return StreamingResponse(_blocks(found[name]), media_type=TYPES[suffix], headers=headers)


def _folder(run: dict[str, Any]) -> Any:
    reports = os.environ.get("PASSBACK_REPORTS") or str(preflight.home() / "reports")
    return report_folder(reports, run["dag_id"], run["as_of"], run["run_id"])


def _is_in_place(folder: Any) -> bool:
    """Whether no part of the folder's path below the report path is a link: that would lead out of it."""
    if not isinstance(folder, Path):
        return True
    reports = folder.parents[2]
    return folder.resolve() == reports.resolve() / folder.relative_to(reports)


def _listed(folder: Any) -> Iterator[tuple[str, Any]]:
    """Name and path of each file of a known type in the folder and in its `schools/`.

    Older reports are left out, and so is every link: a report has none.
    """
    for path in folder.iterdir():
        if isinstance(path, Path) and path.is_symlink():
            continue
        if path.suffix in TYPES and not path.name.startswith(".") and path.is_file():
            yield path.name, path
        elif path.name == SCHOOLS and path.is_dir():
            yield from ((f"{SCHOOLS}/{one.name}", one) for one in path.iterdir() if _is_school_file(one))


def _is_school_file(path: Any) -> bool:
    return path.suffix == ".csv" and not (isinstance(path, Path) and path.is_symlink())


def _disposition(name: str, *, inline: bool) -> str:
    plain = name.rpartition("/")[2]
    return f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(plain, safe='')}"


def _blocks(path: Any) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
