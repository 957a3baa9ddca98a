"""The tab on a run in Airflow's UI: its books, its problems, its lines, and the files of its report."""

from __future__ import annotations

from typing import Annotated, Any

from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import HTMLResponse, StreamingResponse

from passback import database
from passback.database import Connection
from passback.web import report_files
from passback.web.item_page import OUTCOMES, run_address
from passback.web.paging import Listed, PageNumber, Place, listed
from passback.web.shell import ShellDep

# The run's own DAG decides, beside the right to read these pages at all.
router = APIRouter(dependencies=[Depends(requires_access_dag("GET"))])

DAGS = (
    "passback_nightly",
    "passback_sync",
    "passback_period_close",
    "passback_release",
    "passback_drift_audit",
)
LEVELS = ("item", "score")
LINES_SHOWN = 50
SCHOOLS_SHOWN = 25
NO_SCHOOL = "none"

Row = dict[str, Any]


@router.get("/run")
def run_tab(
    shell: ShellDep,
    dag_id: str,
    run_id: str,
    level: str = "",
    outcome: str = "",
    code: str = "",
    school: Annotated[str, Query(description="a school number, or `none` for lines without a school")] = "",
    schools: PageNumber = 1,
    lines: PageNumber = 1,
) -> HTMLResponse:
    """The tab of one run; 404 where the DAG is none of ours, or the run was never registered."""
    run = find(shell.reading, dag_id, run_id)
    key, names = run["run_key"], {"dag_id": dag_id, "run_id": run_id}
    filters = {
        "level": level if level in LEVELS else "",
        "outcome": outcome if outcome in OUTCOMES else "",
        "code": code,
        "school": school,
    }
    chosen = {**names, **filters}
    files, unreadable = report_files.files(run)
    return shell.page(
        "run.html",
        "run",
        f"Run of {run['as_of']}",
        run=run,
        run_address=run_address(run),
        books=books(shell.reading, key),
        schools=_schools(shell.reading, key, Place("run", chosen, "schools"), schools),
        codes=database.rows(shell.reading, "run_tab_codes", run_key=key),
        problems=database.rows(shell.reading, "reconcile_problems", run_key=key),
        notes=database.rows(shell.reading, "run_tab_notes", run_key=key),
        sources=database.rows(shell.reading, "reconcile_sources", run_key=key),
        line_schools=database.rows(shell.reading, "run_tab_line_schools", run_key=key),
        filters=filters,
        names=names,
        levels=LEVELS,
        outcomes=("skipped", "held", "failed", "created", "updated", "unchanged"),
        lines=line_list(shell.reading, key, filters, Place("run", chosen, "lines"), lines),
        files=[name for name in files if "/" not in name],
        school_files={name for name in files if "/" in name},
        school_file=report_files.school_file,
        unreadable=unreadable,
    )


@router.get("/report")
def report_file(shell: ShellDep, dag_id: str, run_id: str, name: str) -> StreamingResponse:
    """One file of the run's report: of the names that its folder lists, and no other."""
    return report_files.answer(find(shell.reading, dag_id, run_id), name)


def find(reading: Connection, dag_id: str, run_id: str) -> Row:
    """The run by its names in Airflow; HTTP 404 where there is none of ours."""
    if dag_id not in DAGS:
        raise HTTPException(404, f"{dag_id} is no DAG of Passback: there is nothing to show for its runs.")
    found = database.rows(reading, "run_tab_run", dag_id=dag_id, run_id=run_id)
    if not found:
        raise HTTPException(404, f"Passback knows no run {run_id} of {dag_id}: its first task has not ended well yet.")
    return found[0]


def books(reading: Connection, run_key: int) -> list[Row]:
    """One row a source and level, with whether its books balance: `difference` is staged less the six outcomes."""
    rows = database.rows(reading, "run_tab_books", run_key=run_key)
    for row in rows:
        row["difference"] = row["staged"] - sum(row[outcome] for outcome in OUTCOMES)
    return rows


def line_list(reading: Connection, run_key: int, filters: dict[str, str], place: Place, number: int) -> Listed:
    """The run's lines that pass the filters, in the order of reconciliation.csv, with links' parts and codes."""
    school = None if not filters["school"] else "" if filters["school"] == NO_SCHOOL else filters["school"]
    asked = {**filters, "school": school, "run_key": run_key}

    def fetch(limit: int, offset: int) -> list[Row]:
        rows = database.rows(reading, "run_tab_lines", limit=limit, offset=offset, **asked)
        return [row | {"codes": _codes(row)} for row in rows if row["line_no"] is not None]

    return listed(fetch, place, number, LINES_SHOWN)


def _codes(line: Row) -> list[str]:
    """The codes of a line, the primary one first."""
    return [code for code in (line["code"], *line["other_codes"].split(";")) if code]


def _schools(reading: Connection, run_key: int, place: Place, number: int) -> Listed:
    def fetch(limit: int, offset: int) -> list[Row]:
        return database.rows(reading, "run_tab_schools", run_key=run_key, limit=limit, offset=offset)

    return listed(fetch, place, number, SCHOOLS_SHOWN)
