"""The item page: where one item stands, its life over all runs, and each student's score with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse

from passback import database
from passback.database import Connection
from passback.web import district
from passback.web.paging import Listed, PageNumber, Place, listed
from passback.web.queued import Queued, queued
from passback.web.shell import SOURCE_NAMES, ShellDep

router = APIRouter()

RUNS_SHOWN = 10
SCORES_SHOWN = 50
OUTCOMES = ("created", "updated", "unchanged", "skipped", "held", "failed")
FIELDS = {"name": "Name", "due_on": "Due date", "total": "Total points", "category": "Category"}

Row = dict[str, Any]


@router.get("/item")
def item_page(
    shell: ShellDep,
    source: str,
    source_item_id: Annotated[str, Query(alias="id")],
    outcome: str = "",
    runs: PageNumber = 1,
    scores: PageNumber = 1,
) -> HTMLResponse:
    """The page of one item; 404 where no reading has ever brought it. `outcome` filters the scores."""
    item = find(shell.reading, source, source_item_id, queued(shell.reading))
    if outcome not in OUTCOMES:
        outcome = ""
    key = {"source": source, "id": source_item_id}
    here = {**key, "outcome": outcome}
    return shell.page(
        "item.html",
        "item",
        item["title"] or source_item_id,
        item=item,
        fields=three_sides(item),
        opt_outs=opt_outs(shell.reading, item),
        life=life(shell.reading, item["item_key"], Place("item", here, "runs"), runs),
        outcome=outcome,
        scores=scores_of(shell.reading, item, outcome, Place("item", here, "scores"), scores),
        score_address=lambda wanted: Place("item", {**key, "outcome": wanted}, "scores").address(1),
    )


def find(reading: Connection, source: str, source_item_id: str, waiting: Queued) -> Row:
    """What is known of the item; HTTP 404 where there is no such item."""
    key = {"source": source, "source_item_id": source_item_id}
    found = database.rows(reading, "item_page_item", **key, **waiting.parameters())
    if not found:
        name = SOURCE_NAMES.get(source, source)
        raise HTTPException(404, f"No reading of {name} has brought an item {source_item_id}.")
    return found[0] | {"codes": codes_of(found[0])}


def codes_of(row: Row) -> list[str]:
    """The codes of a row, the primary one first."""
    return [code for code in row["codes"].split(";") if code]


def three_sides(item: Row) -> list[Row]:
    """One row a field: ours (what the source says now), base (what was sent last), theirs (what was held after it).

    `waiting`: ours is not what was sent; `edited`: theirs is not what was sent. Empty where neither side is known.
    """
    sides = []
    for field, label in FIELDS.items():
        ours, base, theirs = (item[f"{side}_{field}"] for side in ("wanted", "sent", "held"))
        known = item["powerschool_assignment_id"] is not None
        sides.append(
            {
                "label": label,
                "ours": shown(ours),
                "base": shown(base),
                "theirs": shown(theirs),
                "waiting": known and ours is not None and ours != base,
                "edited": known and theirs != base,
            }
        )
    return sides if any(side["ours"] or side["base"] for side in sides) else []


def shown(value: Any) -> str:
    """A field's value as people read it: a number in its shortest form."""
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def life(reading: Connection, item_key: int, place: Place, number: int) -> Listed:
    """The runs that judged the item, newest first, each with its `writes` and, in the list's order, its `codes`."""

    def fetch(limit: int, offset: int) -> list[Row]:
        return database.rows(reading, "item_page_runs", item_key=item_key, limit=limit, offset=offset)

    page = listed(fetch, place, number, RUNS_SHOWN)
    keys = [run["run_key"] for run in page.rows]
    writes: dict[int, list[Row]] = {}
    for write in database.rows(reading, "item_page_writes", item_key=item_key, run_keys=keys):
        writes.setdefault(write["run_key"], []).append({**write, "fields": written(write)})
    for run in page.rows:
        run |= {"codes": codes_of(run), "writes": writes.get(run["run_key"], []), "address": run_address(run)}
    return page


def written(write: Row) -> list[Row]:
    """One row a field of a write: what PowerSchool held before, what was sent, and whether that changed it."""
    before, attempted = write["before"] or {}, write["attempted"]
    changed = attempted.get("changed", list(FIELDS))
    return [
        {
            "label": label,
            "before": shown(before.get(field)),
            # An update submits what it does not change as it was read.
            "sent": shown((attempted if field in changed else before).get(field)),
            "changed": field in changed,
        }
        for field, label in FIELDS.items()
    ]


def run_address(run: Row) -> str:
    """The address of the run in Airflow's own UI, seen from our pages."""
    return f"../dags/{quote(run['dag_id'], safe='')}/runs/{quote(run['run_id'], safe='')}"


def opt_outs(reading: Connection, item: Row) -> Row:
    """What keeps the item out: switched on the pages (`item`, `section`: who and when), or in the settings file."""
    switches = {
        "section" if row["of_section"] else "item": row
        for row in database.rows(
            reading,
            "item_page_opt_outs",
            source=item["source"],
            source_item_id=item["source_item_id"],
            section_dcid=item["section_dcid"],
        )
    }
    settings, _ = district.settings()
    return {
        "item": switches.get("item"),
        "section": switches.get("section"),
        "item_in_file": bool(settings and (item["source"], item["source_item_id"]) in settings.opted_out_items),
        "section_in_file": bool(settings and str(item["section_dcid"]) in settings.opted_out_sections),
    }


@dataclass(frozen=True, slots=True)
class Scores:
    """An item's scores in the run that judged it last: how many ended as what, and one page of those asked for."""

    counts: dict[str, int]
    page: Listed

    @property
    def total(self) -> int:
        """How many there are, whatever is asked for."""
        return sum(self.counts.values())


def scores_of(reading: Connection, item: Row, outcome: str, place: Place, number: int) -> Scores:
    """The item's scores by student number, each with its reason; only those with `outcome`, where one is given.

    `counts` is in the order of `OUTCOMES`, and empty where no run has judged the item.
    """
    keys = {name: item[name] for name in ("run_key", "item_key", "item_no")}
    counts: dict[str, int] = {}

    def fetch(limit: int, offset: int) -> list[Row]:
        if item["item_no"] is None:
            return []
        asked = {"outcome": outcome, "limit": limit, "offset": offset}
        rows = database.rows(reading, "item_page_scores", **keys, **asked)
        counts.update(rows[0]["counts"])
        found = counts.get(outcome, 0) if outcome else sum(counts.values())
        return [{**row, "codes": codes_of(row), "found": found} for row in rows if row["outcome"] is not None]

    page = listed(fetch, place, number, SCORES_SHOWN)
    return Scores({name: counts[name] for name in OUTCOMES if name in counts}, page)
