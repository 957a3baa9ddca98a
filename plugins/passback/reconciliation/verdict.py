"""The verdict: why a run is red. Rule failures and refusals are people's work and leave it green."""

from __future__ import annotations

from passback import database
from passback.database import Connection
from passback.errors import catalogue
from passback.reconciliation import books
from passback.reconciliation.books import Books

RED_CODES = ("AUTH_FAILED", "FIELD_ACCESS_DENIED", "SIS_UNAVAILABLE", "VERIFY_MISMATCH", "IN_DOUBT")


def red_reasons(uri: str, run_key: int) -> list[str]:
    """Why the run is red, one sentence a reason, from its books, its sources and its problems; empty: green."""
    with database.connect(uri) as connection:
        return of_run(connection, run_key)


def of_run(connection: Connection, run_key: int) -> list[str]:
    """The same over an open connection. A run whose books were never drawn up is red."""
    drawn_up = books.read(connection, run_key)
    reasons = _sources_and_problems(connection, run_key)
    if drawn_up.run["finished_at"] is None:
        reasons.append("The books were not drawn up: see the log of the task that reconciles, then clear it.")
    return list(dict.fromkeys(reasons + _stop(drawn_up) + _codes(drawn_up) + _faults(drawn_up)))


def _sources_and_problems(connection: Connection, run_key: int) -> list[str]:
    """What kept a source out, and the steps' other problems; words that several of them have are told once."""
    steps: dict[tuple[str, str], list[str]] = {}
    for row in database.rows(connection, "reconcile_problems", run_key=run_key):
        steps.setdefault((row["code"], row["message"]), []).append(row["step"])
    codes = {message: code for code, message in steps}
    wording = {"unreadable": "could not be read", "refused": "was refused by its quality gate"}
    sources = database.rows(connection, "reconcile_sources", run_key=run_key)
    out = {f"{row['source']} {wording[row['state']]}": row["reason"] for row in sources if row["state"] in wording}
    return [
        *(f"{what}: {_coded(codes.get(why, ''), why)}" if why else f"{what}." for what, why in out.items()),
        *(f"{', '.join(who)}: {_coded(*told)}" for told, who in steps.items() if told[1] not in out.values()),
    ]


def _coded(code: str, message: str) -> str:
    return f"{code}: {message}" if code else message


def _stop(drawn_up: Books) -> list[str]:
    stopped_by = drawn_up.run["stopped_by"]
    if not stopped_by:
        return []
    known = catalogue().get(stopped_by)
    return [f"The run was stopped by {stopped_by}{': ' + known.fix if known else '.'}"]


def _codes(drawn_up: Books) -> list[str]:
    counts = {(row["code"], row["level"]): int(row["count"]) for row in drawn_up.codes}
    reasons = []
    for code in RED_CODES:
        parts = [_counted(counts[code, level], level) for level in ("item", "score") if (code, level) in counts]
        if parts:
            reasons.append(f"{code}: {' and '.join(parts)}. {catalogue()[code].fix}")
    return reasons


def _faults(drawn_up: Books) -> list[str]:
    return [f"The books do not balance: {fault}" for fault in drawn_up.faults]


def _counted(count: int, level: str) -> str:
    return f"{count:,} {level}{'' if count == 1 else 's'}"
