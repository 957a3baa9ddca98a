"""Holding: the changes that a passed limit counts are kept apart from the plan, with their old and new values."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from passback import database
from passback.database import Connection
from passback.guard.figures import BITS, Figure, measured, reason

if TYPE_CHECKING:
    from datetime import date

    from passback.settings import Settings

log = logging.getLogger(__name__)

STEP = "guard"
CODE = "MASS_CHANGE_HELD"
WINDOWS = ("school_number", "term_id", "first_day", "last_day", "is_current")

# Looks at a plan before it is kept (the temporary tables wanted and planned_score), and marks what of it waits.
Hold = Callable[[Connection, int, "Settings"], None]


def hold_mass_changes(connection: Connection, run_key: int, settings: Settings) -> None:
    """Measures the plan, and holds exactly what the passed limits count; all else is left in the plan.

    Figures, held changes and their reasons are kept with the run, in the plan's own transaction.
    """
    known = database.rows(connection, "guard_run", run_key=run_key)
    database.run(connection, "run_notes_clear", run_key=run_key, step=STEP)
    if not known:
        return
    figures = _figures(connection, run_key, known[0]["as_of"], settings)
    database.run(connection, "guard_figures_keep", run_key=run_key, figures=json.dumps([_row(one) for one in figures]))
    passed = [figure for figure in figures if figure.passed]
    if passed:
        _mark(connection, passed)
        database.run(connection, "guard_hold", run_key=run_key)
        keep_reasons(connection, run_key, lambda limits, source: reason(limits, source, passed))
    for figure in passed:
        log.warning("The guard holds what this figure counts: %s", figure)
        database.run(connection, "run_note_add", run_key=run_key, step=STEP, message=f"{figure}.")


def keep_reasons(connection: Connection, run_key: int, words: Callable[[int, str], str]) -> None:
    """Keeps why the changes wait that the guard holds in this run: `words` of their limits and source."""
    reasons = [
        {**{name: row[name] for name in ("source", "code", "limits")}, "message": words(row["limits"], row["source"])}
        for row in database.rows(connection, "guard_held", run_key=run_key)
        if row["code"] == CODE
    ]
    database.run(connection, "guard_reasons_keep", run_key=run_key, reasons=json.dumps(reasons))


def _figures(connection: Connection, run_key: int, as_of: date, settings: Settings) -> list[Figure]:
    periods = list(settings.grading_periods)
    windows = database.rows(connection, "grading_windows", store_codes=periods, as_of=as_of)
    database.run(connection, "guard_window_table")
    columns = [tuple(window[name] for name in WINDOWS) for window in windows]
    database.copy_in(connection, "guard_window", WINDOWS, columns)
    database.run(connection, "guard_scope", run_key=run_key)
    counts = {name: int(number) for name, number in database.one(connection, "guard_counts").items()}
    return measured(counts, _newly_failing(connection, run_key, periods), settings.guard)


def _newly_failing(connection: Connection, run_key: int, periods: list[str]) -> dict[str, tuple[int, int]]:
    """How many items of each source newly fail, and of how many that passed."""
    found = {}
    for source, nights in _last_nights(connection, run_key).items():
        row = database.one(
            connection, "guard_newly_failing", run_key=run_key, source=source, nights=nights, store_codes=periods
        )
        found[source] = (int(row["failing"]), int(row["passed"]))
    return found


def _last_nights(connection: Connection, run_key: int) -> dict[str, list[int]]:
    """The last night of each source: one run, or the nights that judged some schools since the last whole one."""
    nights: dict[str, list[int]] = {}
    complete: set[str] = set()
    for night in database.rows(connection, "guard_nights", run_key=run_key):
        source, key = night["source"], night["run_key"]
        if source in complete:
            continue
        if database.one(connection, "guard_night_judged", run_key=key, source=source)["judged"]:
            nights.setdefault(source, []).append(key)
            if night["whole"]:
                complete.add(source)
    return nights


def _mark(connection: Connection, passed: list[Figure]) -> None:
    bits = dict.fromkeys(BITS, 0) | {figure.figure: BITS[figure.figure] for figure in passed}
    sources = [figure.source for figure in passed if figure.figure == "items_newly_failing_share"]
    database.run(connection, "guard_mark", **bits, sources=sources)


def _row(figure: Figure) -> dict[str, Any]:
    return {
        "figure": figure.figure, "source": figure.source, "counted": figure.counted, "of_all": figure.of_all,
        "value": figure.value, "limit_value": figure.limit, "passed": figure.passed,
    }  # fmt: skip
