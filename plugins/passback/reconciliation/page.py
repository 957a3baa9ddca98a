"""The page: reconciliation.html, one file with its style and its charts in it, for people and for printing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passback import database
from passback.database import Connection
from passback.reconciliation import charts
from passback.reconciliation.books import COLUMNS, OUTCOMES, Books

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = Path(__file__).with_name("reconciliation.html.jinja")
TREND = ("sent", "failed", "held")
NO_NIGHT = 0


def render(connection: Connection, drawn_up: Books, reasons: list[str], *, preview: str) -> str:
    """The page of a run as HTML text; `reasons` make it red, `preview` names the file of what would be sent.

    Needs the temporary tables of `books.draw_up` and `lines.write`. Every value is escaped by the template.
    """
    run = drawn_up.run
    names = {row["school_number"]: row["school_name"] for row in database.rows(connection, "report_school_names")}
    return _template().render(
        run=run, books=drawn_up, reasons=reasons, preview=preview, outcomes=OUTCOMES, columns=COLUMNS,
        totals=_totals(drawn_up), schools=_schools(drawn_up, names), codes=_codes(drawn_up),
        **_findings(connection, run["run_key"], run["as_of"]),
    )  # fmt: skip


def _findings(connection: Connection, run_key: int, as_of: Any) -> dict[str, Any]:
    """What the lines tell beyond the counts: causes, teachers, news since the night before, trend, what is late."""
    nights = database.rows(connection, "reconcile_nights", as_of=as_of)
    before = nights[0] if nights else {"run_key": NO_NIGHT, "as_of": None}
    runs = database.rows(connection, "report_trend", run_key=run_key)
    return {
        "notes": database.rows(connection, "report_notes", run_key=run_key),
        "quarantine": database.rows(connection, "report_quarantine_counts", run_key=run_key),
        "causes": database.rows(connection, "report_causes"),
        "teachers": database.rows(connection, "report_teachers"),
        "night_before": before["as_of"],
        "news": database.rows(connection, "report_news", run_key=run_key, night_run_key=before["run_key"]),
        "runs": runs,
        "trend": charts.trend(runs, TREND),
        "trend_height": charts.TREND_HEIGHT,
        "chart_width": charts.WIDTH,
        "longest_open": database.rows(connection, "report_longest_open", run_key=run_key),
        "leaving": database.rows(connection, "report_leaving_period", run_key=run_key),
    }


def _totals(drawn_up: Books) -> list[dict[str, Any]]:
    """One row a source and level, with the bar of its outcomes."""
    return [
        {"source": source, "level": level, "counts": counts, "segments": charts.stacked(counts, OUTCOMES)}
        for source, levels in drawn_up.sources().items()
        for level, counts in levels.items()
    ]


def _schools(drawn_up: Books, names: dict[str, str]) -> list[dict[str, Any]]:
    """One row a school and source, with the bar of its scores."""
    return [
        {
            "number": number, "name": names.get(number, ""), "source": source, **levels,
            "segments": charts.stacked(levels["scores"], OUTCOMES, width=160),
        }
        for number, by_source in drawn_up.schools().items()
        for source, levels in by_source.items()
    ]  # fmt: skip


def _codes(drawn_up: Books) -> list[dict[str, Any]]:
    """One row a code with its items and scores together, the most frequent first."""
    codes: dict[str, dict[str, Any]] = {}
    for row in drawn_up.codes:
        code = codes.setdefault(row["code"], {**row, "item": 0, "score": 0})
        code[row["level"]] = int(row["count"])
    ranked = sorted(codes.values(), key=lambda code: (-code["item"] - code["score"], code["code"]))
    widths = charts.bar_widths([code["item"] + code["score"] for code in ranked], width=160)
    return [{**code, "width": width} for code, width in zip(ranked, widths, strict=True)]


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["number"] = lambda value: f"{int(value):,}"
    environment.filters["moment"] = lambda value: value.strftime("%Y-%m-%d %H:%M:%S UTC") if value else "not yet"
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
