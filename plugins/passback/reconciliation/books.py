"""The books of a run: what was staged, and what became of it, counted from rows by SQL and never from counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passback import database
from passback.database import Connection

OUTCOMES = ("created", "updated", "unchanged", "skipped", "held", "failed")
COLUMNS = ("staged", *OUTCOMES)
LEVELS = ("items", "scores")
SOURCES = ("otus", "schoology")

Counts = dict[str, int]
Totals = dict[str, Counts]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Books:
    """A run's books: rows as counted, the sources read, the codes, and why they do not balance (empty: they do)."""

    run: Row
    read: tuple[str, ...]
    rows: list[Row]
    codes: list[Row]
    requests: Counts
    faults: list[str]

    @property
    def balanced(self) -> bool:
        """Whether everything staged has one outcome, and everything sent was confirmed."""
        return not self.faults

    def staged(self, level: str) -> int:
        """How many items (`item`) or scores (`score`) were staged, over all sources."""
        return sum(int(row["staged"]) for row in self.rows if row["level"] == level)

    def sources(self) -> dict[str, Totals]:
        """`{source: {items: {…}, scores: {…}}}` for each source that was read, also where it gave nothing."""
        return {source: _totals([row for row in self.rows if row["source"] == source]) for source in self.read}

    def schools(self) -> dict[str, dict[str, Totals]]:
        """`{school number: {source: {items: {…}, scores: {…}}}}`; the group without a school has the empty number."""
        groups: dict[str, dict[str, list[Row]]] = {}
        for row in sorted(self.rows, key=lambda row: _school_order(row["school_number"])):
            if row["source"] in self.read:
                groups.setdefault(row["school_number"], {}).setdefault(row["source"], []).append(row)
        return {
            number: {source: _totals(rows[source]) for source in self.read if source in rows}
            for number, rows in groups.items()
        }

    def verified(self) -> Counts:
        """How many created or updated items and scores the read-back confirmed, and how many it did not show."""
        return {
            "confirmed": 0 if self.run["dry_run"] else sum(row["confirmed"] for row in self.rows),
            "mismatched": sum(row["mismatched"] for row in self.rows),
        }

    def summary(self) -> dict[str, Any]:
        """The content of summary.json, dates and times as ISO texts."""
        run = self.run
        return {
            "run_id": run["run_id"],
            "dag_id": run["dag_id"],
            "as_of": run["as_of"].isoformat(),
            "dry_run": run["dry_run"],
            "started_at": run["started_at"].isoformat(),
            "finished_at": run["finished_at"].isoformat() if run["finished_at"] else None,
            "balanced": self.balanced,
            "sources": self.sources(),
            "schools": self.schools(),
            "codes": [{key: row[key] for key in ("code", "level", "severity", "count")} for row in self.codes],
            "verified": self.verified(),
            "requests": self.requests,
        }


def draw_up(connection: Connection, run_key: int) -> Books:
    """Reads the run's outcomes into the temporary tables `outcome` and `cube` and writes its books from them."""
    database.run(connection, "reconcile_outcomes", run_key=run_key)
    database.run(connection, "reconcile_books", run_key=run_key)
    return read(connection, run_key)


def read(connection: Connection, run_key: int) -> Books:
    """The run's books as last drawn up; raises LookupError where there is no such run."""
    run = database.one(connection, "reconcile_run", run_key=run_key)
    states = {row["source"]: row["state"] for row in database.rows(connection, "reconcile_sources", run_key=run_key)}
    readable = tuple(source for source in SOURCES if states.get(source) == "read")
    rows = database.rows(connection, "reconcile_book_rows", run_key=run_key)
    return Books(
        run=run,
        read=readable,
        rows=rows,
        codes=database.rows(connection, "reconcile_code_rows", run_key=run_key),
        requests=database.one(connection, "reconcile_requests", run_key=run_key),
        faults=_faults(rows, readable, dry_run=run["dry_run"]),
    )


def _faults(rows: list[Row], readable: tuple[str, ...], *, dry_run: bool) -> list[str]:
    """What is wrong with the books, one sentence a group."""
    faults = []
    for row in rows:
        where = f"{row['source']}, {row['level']}s of " + (
            f"school {row['school_number']}" if row["school_number"] else "no school"
        )
        told = sum(row[outcome] for outcome in OUTCOMES)
        if told != row["staged"]:
            faults.append(f"{where}: {row['staged']:,} staged, {told:,} with an outcome.")
        if row["source"] not in readable:
            faults.append(f"{where}: {row['staged']:,} staged of a source that was not read.")
        sent = row["created"] + row["updated"]
        if sent != row["confirmed"] and not dry_run:
            faults.append(f"{where}: {sent:,} created or updated, {row['confirmed']:,} confirmed by the read-back.")
    return faults


def _totals(rows: list[Row]) -> Totals:
    return {
        f"{level}s": {column: sum(row[column] for row in rows if row["level"] == level) for column in COLUMNS}
        for level in ("item", "score")
    }


def _school_order(number: str) -> tuple[bool, int, str]:
    """Numbers in their order, the group without a school last."""
    return (not number, len(number), number)
