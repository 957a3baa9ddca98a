"""The files of a night's report: readable by strict readers, harmless in a spreadsheet and in a browser, complete."""

from __future__ import annotations

import csv
import html.parser
import json
from pathlib import Path
from typing import Any

from fuzz.finding import expect
from fuzz.ground import Night

FORMULA = ("=", "+", "-", "@", "\t", "\r")
VOID = frozenset({"meta", "br", "hr", "img", "link", "input", "col", "rect", "path", "line", "circle", "polyline"})
HARMLESS = VOID | {
    "html", "head", "title", "style", "body", "h1", "h2", "h3", "p", "a", "b", "i", "em", "strong", "code", "small",
    "span", "div", "section", "header", "footer", "main", "nav", "aside", "table", "thead", "tbody", "tfoot", "tr",
    "th",
    "td", "caption", "colgroup", "ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "figure", "figcaption",
    "svg",
    "g", "text", "tspan", "desc", "pre", "abbr", "time", "mark",
}  # fmt: skip


def check(made: Night, told: dict[str, Any]) -> None:
    """Every file of the report, and the lines against the outcomes."""
    folder = made.report
    expect(folder is not None, "there is a report")
    assert folder is not None
    lines = rows_of(folder / "reconciliation.csv")
    expect(len(lines) == told["lines"], "each line is a row of the file", f"{len(lines)} for {told['lines']}")
    for path in sorted(folder.rglob("*.csv")):
        rows_of(path)
    every_item_that_failed_has_a_line(made, lines)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"), parse_constant=_no_constant)
    books_are_true(made, summary)
    Page().whole((folder / "reconciliation.html").read_text(encoding="utf-8"))


def rows_of(path: Path) -> list[dict[str, str]]:
    """The file's rows; none has too many or too few cells, and none of its cells is a formula."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file, strict=True))
    for row in rows:
        expect(len(row) == len(header), "each row has a cell a column", f"{path.name}: {row}")
        expect(not any(cell.startswith(FORMULA) for cell in row), "no cell is a formula", f"{path.name}: {row}")
    return [dict(zip(header, row, strict=True)) for row in rows]


def every_item_that_failed_has_a_line(made: Night, lines: list[dict[str, str]]) -> None:
    """As many lines of items as items are skipped, held or failed, and the same of scores of their own."""
    for level in ("item", "score"):
        mine = "" if level == "item" else " and not inherited"
        found = made.rows(
            f"select count(*) as n from report.{level}_outcome where outcome in ('skipped', 'held', 'failed'){mine}"
        )[0]["n"]
        told = sum(line["level"] == level and line["outcome"] in ("skipped", "held", "failed") for line in lines)
        expect(found == told, f"each {level} that does not pass has a line", f"{told} for {found}")


def books_are_true(made: Night, summary: dict[str, Any]) -> None:
    """`staged` is what the run judges, and the sum of its outcomes."""
    for source, levels in summary["sources"].items():
        for level, counts in levels.items():
            table = "run_item" if level == "items" else "run_score"
            found = made.rows(f"select count(*) as n from passback.{table} where source = %s", source)[0]["n"]
            told = sum(count for name, count in counts.items() if name != "staged")
            expect(
                found == counts["staged"] == told,
                "staged is the sum of the outcomes",
                f"{source} {level}: {found} {counts}",
            )


def _no_constant(name: str) -> None:
    expect(False, "summary.json is strict JSON", name)


class Page(html.parser.HTMLParser):
    """Walks through a page: every element is one that our template has, and is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []

    def whole(self, text: str) -> None:
        """The whole page."""
        self.feed(text)
        self.close()
        expect(not self._open, "the page is well-formed", f"not closed: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        expect(tag in HARMLESS, "the page has none but its own elements", f"{tag} {attrs}")
        expect(not any(name.startswith("on") for name, _ in attrs), "the page has no handlers", f"{tag} {attrs}")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        expect(tag in HARMLESS, "the page has none but its own elements", f"{tag} {attrs}")

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag not in VOID:
            expect(bool(self._open) and self._open.pop() == tag, "the page is well-formed", f"</{tag}>")
