"""The files of a run: summary.json, the lines whole and by school, the quarantine list, a preview, the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql

from passback import database
from passback.database import Connection
from passback.reconciliation import page
from passback.reconciliation.books import Books
from passback.reconciliation.folder import safe_name

LINES = "reconciliation.csv"
PREVIEW = "preview.csv"
QUARANTINE = "quarantine.csv"
PAGE = "reconciliation.html"
SUMMARY = "summary.json"
SCHOOLS = "schools"
NO_LINE = 0


def write(connection: Connection, drawn_up: Books, reasons: list[str], folder: Path) -> None:
    """Writes every file of the run's report into `folder`; needs the temporary tables of `books.draw_up`."""
    run_key, dry_run = drawn_up.run["run_key"], drawn_up.run["dry_run"]
    with (folder / LINES).open("wb") as file:
        copy_lines(connection, file, run_key)
    with (folder / QUARANTINE).open("wb") as file:
        _copy_out(connection, file, "report_quarantine", run_key=run_key)
    _schools(connection, drawn_up, folder / SCHOOLS)
    previewed = dry_run or database.one(connection, "report_held_count")["count"] > 0
    if previewed:
        with (folder / PREVIEW).open("wb") as file:
            _copy_out(connection, file, "report_preview", run_key=run_key, dry_run=dry_run)
    text = page.render(connection, drawn_up, reasons, preview=PREVIEW if previewed else "")
    (folder / PAGE).write_text(text, encoding="utf-8")
    content = json.dumps(drawn_up.summary(), indent=2, ensure_ascii=False, default=int)
    (folder / SUMMARY).write_text(content + "\n", encoding="utf-8")


def copy_lines(connection: Connection, file: Any, run_key: int, first: int = 1, last: int = 2**62) -> None:
    """Writes the run's lines `first` to `last` as CSV with its header into the binary `file`, block by block."""
    _copy_out(connection, file, "report_lines", run_key=run_key, first=first, last=last)


def _schools(connection: Connection, drawn_up: Books, folder: Path) -> None:
    """One file a school of the run, also where it has no line; lines without a school are in the main file only."""
    folder.mkdir()
    ranges = {
        row["school_number"]: (row["first"], row["last"])
        for row in database.rows(connection, "report_school_lines", run_key=drawn_up.run["run_key"])
    }
    for number in drawn_up.schools():
        if number:
            first, last = ranges.get(number, (NO_LINE, NO_LINE))
            with (folder / f"{safe_name(number)}.csv").open("wb") as file:
                copy_lines(connection, file, drawn_up.run["run_key"], first, last)


def _copy_out(connection: Connection, file: Any, name: str, **parameters: object) -> None:
    """The rows of the named query as CSV, from the server straight into `file`: memory stays flat."""
    query = database.statement(name).rstrip().rstrip(";")
    bound = psycopg.ClientCursor(connection).mogrify(cast("Any", query), parameters)
    outgoing = sql.SQL("copy ({}) to stdout (format csv, header, encoding 'UTF8')").format(sql.SQL(cast("Any", bound)))
    with connection.cursor() as cursor, cursor.copy(outgoing) as copy:
        for block in copy:
            file.write(block)
