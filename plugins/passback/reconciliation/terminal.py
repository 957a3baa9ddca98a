"""A report on the terminal: `python -m passback.reconciliation.terminal FOLDER` prints its summary.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passback.errors import catalogue
from passback.reconciliation.books import COLUMNS
from passback.reconciliation.files import PAGE, SUMMARY
from passback.reconciliation.folder import root

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

TOP_REASONS = 12
COLOURS = {"action": "red", "held": "yellow", "warning": "yellow", "design": "dim"}


def show(folder: str, console: Console | None = None) -> None:
    """Prints the report in `folder` (local, or a URL): its totals, its first reasons, and where to read on.

    Raises FileNotFoundError where there is no report.
    """
    from rich.console import Console

    at = root(folder)
    summary = json.loads((at / SUMMARY).read_text(encoding="utf-8"))
    out = console or Console()
    out.print(_heading(summary), markup=False, style="bold", highlight=False)
    out.print(_totals(summary) if summary["sources"] else "No source was read in this run.")
    if summary["codes"]:
        out.print(_reasons(summary["codes"]))
    out.print(_accounts(summary), markup=False, highlight=False)
    out.print(f"Report: {at / PAGE if isinstance(at, Path) else folder}", markup=False, highlight=False, soft_wrap=True)


def _heading(summary: dict[str, Any]) -> str:
    preview = " (preview: nothing was sent)" if summary["dry_run"] else ""
    return f"{summary['dag_id']} as of {summary['as_of']}{preview}, run {summary['run_id']}"


def _totals(summary: dict[str, Any]) -> Table:
    """One row an outcome and one column a source and level, so that millions fit into 80 characters."""
    from rich import box
    from rich.table import Table

    table = Table(title="Totals", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    columns = [
        (f"{source} {level}", counts)
        for source, levels in summary["sources"].items()
        for level, counts in levels.items()
    ]
    for name, _ in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for column in COLUMNS:
        table.add_row(column, *(f"{counts[column]:,}" for _, counts in columns))
    return table


def _reasons(codes: list[dict[str, Any]]) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    counts: dict[str, dict[str, int]] = {}
    for row in codes:
        counts.setdefault(row["code"], {"item": 0, "score": 0})[row["level"]] = row["count"]
    ranked = sorted(counts.items(), key=lambda entry: (-sum(entry[1].values()), entry[0]))
    left_out = len(ranked) - TOP_REASONS
    title = f"Reasons (the first {TOP_REASONS} of {len(ranked)})" if left_out > 0 else "Reasons"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("code", no_wrap=True)
    table.add_column("items", justify="right")
    table.add_column("scores", justify="right")
    table.add_column("who")
    table.add_column("what to do")
    for code, count in ranked[:TOP_REASONS]:
        known = catalogue()[code]
        table.add_row(
            f"[{COLOURS[known.severity]}]{code}[/]", f"{count['item']:,}", f"{count['score']:,}",
            known.owner or "nobody", escape(known.fix),
        )  # fmt: skip
    return table


def _accounts(summary: dict[str, Any]) -> str:
    balance = "The books balance" if summary["balanced"] else "THE BOOKS DO NOT BALANCE"
    verified, requests = summary["verified"], summary["requests"]
    return (
        f"{balance}. Read back: {verified['confirmed']:,} confirmed, {verified['mismatched']:,} mismatched. "
        f"Requests: {requests['total']:,} ({requests['retried']:,} repeated, {requests['throttled']:,} asked to wait)."
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m passback.reconciliation.terminal FOLDER")
    show(sys.argv[1])
