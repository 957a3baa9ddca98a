"""Evaluation: what is staged, judged in one snapshot, becomes the run's own rows; everything after reads only those."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from passback import database
from passback.database import Connection
from passback.facts import FACTS
from passback.rules import items as item_rules
from passback.rules.titles import has_older_twin

if TYPE_CHECKING:
    from passback.settings import Settings

log = logging.getLogger(__name__)

ITEM_CHUNK_ROWS = 50_000
SCORE_CHUNK_ROWS = 200_000

WINDOWS = {
    "school_number": "object", "term_id": "Int64", "store_code": "object", "first_day": "datetime64[s]",
    "last_day": "datetime64[s]", "is_current": "bool", "ended": "bool",
}  # fmt: skip
AFTER_SCORES = {"item_no": "int64", "in_ledger": "boolean", "has_passing_score": "boolean"}
TITLES = {"id": "object", "section_id": "object", "title": "object"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What one run judges of one source: the extraction `seq`, the school day `as_of`, PowerSchool's own `today`.

    None of `schools` (numbers), `sections` (SECTIONS.DCID) and `item` (the source's id) leaves nothing out; what is
    given limits the items that are judged, not what they are judged by.
    """

    run_key: int
    source: str
    seq: int
    as_of: date
    today: date
    year: tuple[date, date]
    schools: list[str] | None
    sections: list[int] | None = None
    item: str | None = None

    @property
    def in_part(self) -> bool:
        """Whether anything of the source is left out."""
        return self.schools is not None or self.is_small

    @property
    def is_small(self) -> bool:
        """Whether it is an item or a few sections: too few for statistics of the run's rows to be worth their time."""
        return self.sections is not None or self.item is not None

    @property
    def rows(self) -> dict[str, Any]:
        """What names the run's rows of the source."""
        return {"run_key": self.run_key, "source": self.source}


def evaluate(uri: str, judged: Judged, settings: Settings) -> dict[str, int]:
    """Judges every staged item and score of the source, or of the part, and keeps them as the run's own rows.

    A second call replaces the first's rows.
    Returns the number of items and scores, and how many of each pass.
    """
    with database.connect(uri) as connection:
        database.run(connection, "items_register", source=judged.source)
    with database.connect(uri) as connection:
        connection.execute("set transaction isolation level repeatable read")
        database.run(connection, "run_rows_clear", **judged.rows)
        judged = replace(judged, seq=_state_read(connection, judged))
        database.run(connection, "item_verdict_table")
        _items(connection, judged, settings)
        _scores(connection, judged, settings)
        if FACTS[judged.source].waits_for_scores:
            _after_scores(connection, judged)
        database.run(connection, "left_in_sis", **judged.rows)
        counts = database.one(connection, "run_rows_count", **judged.rows)
    _register_status(uri, judged, settings)
    log.info("%s: %s", judged.source, ", ".join(f"{number:,} {name}" for name, number in counts.items()))
    return {name: int(number) for name, number in counts.items()}


def _state_read(connection: Connection, judged: Judged) -> int:
    """The state that the snapshot sees: another run may have read the source between this one's reading and now.

    Rows that carried this run's own number would pass for older than they are, and what is older yet go over them.
    """
    return int(database.one(connection, "run_state_read", source=judged.source, seq=judged.seq)["seq"])


def _items(connection: Connection, judged: Judged, settings: Settings) -> None:
    facts = FACTS[judged.source]
    last = _item_facts(connection, judged, settings)
    context = _context(connection, judged, settings)
    for first in range(1, last + 1, ITEM_CHUNK_ROWS):
        span = {"first": first, "last": first + ITEM_CHUNK_ROWS - 1}
        chunk = database.frame(connection, f"{judged.source}_item_columns", facts.items, **span)
        verdict = facts.judge_items(chunk, context).rename(columns={"due_in_ended_period": "ended"})
        verdict = verdict[["n", "due_on", "name", "codes", "message", "ended"]]
        database.copy_frame(connection, "item_verdict", verdict)
    rows = {**judged.rows, "seq": judged.seq}
    kept = database.run(connection, "run_items_keep", **rows, first_no=_last_item_no(connection, judged.run_key))
    log.info("%s: %s of %s staged items are of this school year", judged.source, f"{kept:,}", f"{last:,}")
    if not judged.in_part:
        after = _last_item_no(connection, judged.run_key)
        database.run(connection, "run_items_keyless", **rows, collection=facts.item_collection, first_no=after)
    if not judged.is_small:
        connection.execute("analyze passback.run_item")


def _item_facts(connection: Connection, judged: Judged, settings: Settings) -> int:
    """Gathers the facts of the items to judge, and gives their number."""
    _load_category_map(connection, judged.source, settings)
    part = {"sections": judged.sections, "item": judged.item}
    if judged.source == "schoology":
        titles = database.frame(connection, "schoology_titles", TITLES, **part)
        younger = titles.loc[has_older_twin(titles), ["id"]].rename(columns={"id": "source_item_id"})
        database.copy_frame(connection, "younger_twin", younger)
    database.run(
        connection, f"{judged.source}_item_facts", zone=settings.time_zone, today=judged.today,
        group=settings.teacher_group, schools=judged.schools, **part, **_opt_outs(connection, judged.source, settings),
    )  # fmt: skip
    return int(database.one(connection, "item_facts_last")["last"])


def _scores(connection: Connection, judged: Judged, settings: Settings) -> None:
    facts = FACTS[judged.source]
    database.run(connection, "enrolled_students", **judged.rows, as_of=judged.as_of)
    database.run(
        connection, f"{judged.source}_score_facts", run_key=judged.run_key, in_part=judged.in_part,
        flagged=[code for code, meaning in settings.exceptions.items() if meaning == "flag"],
        skipped=[code for code, meaning in settings.exceptions.items() if meaning == "skip"],
    )  # fmt: skip
    database.run(connection, "superseded_scores")
    found: list[pd.DataFrame] = []
    seen = 0
    for chunk in database.frames(connection, f"{judged.source}_score_columns", facts.scores, SCORE_CHUNK_ROWS):
        codes = facts.judge_scores(chunk)
        hit = codes != 0
        found.append(pd.DataFrame({"n": chunk["n"].to_numpy()[hit], "codes": codes[hit]}))
        seen += len(chunk)
        log.info("%s: %s scores judged", judged.source, f"{seen:,}")
    for verdict in found:
        database.copy_frame(connection, "score_verdict", verdict)
    connection.execute("analyze score_verdict")
    database.run(connection, "run_scores_keep", **judged.rows)
    if not judged.in_part:
        keyless = {**judged.rows, "seq": judged.seq, "collection": facts.score_collection}
        database.run(connection, "run_scores_keyless", **keyless)
    if not judged.is_small:
        connection.execute("analyze passback.run_score")


def _after_scores(connection: Connection, judged: Judged) -> None:
    """Adds NO_SCORES_YET, the one item rule that asks for the verdicts of the scores."""
    facts = database.frame(connection, "items_after_scores", AFTER_SCORES, **judged.rows)
    codes = item_rules.judge_after_scores(facts)
    late = pd.DataFrame({"item_no": facts["item_no"].to_numpy(), "codes": codes})[np.not_equal(codes, 0)]
    database.copy_frame(connection, "late_verdict", late)
    database.run(connection, "items_add_codes", run_key=judged.run_key)


def _register_status(uri: str, judged: Judged, settings: Settings) -> None:
    """What is staged and was never judged stands on the status page too."""
    with database.connect(uri) as connection:
        database.run(
            connection, "status_register", source=judged.source, zone=settings.time_zone,
            year_first_day=judged.year[0], year_last_day=judged.year[1],
        )  # fmt: skip


def _context(connection: Connection, judged: Judged, settings: Settings) -> item_rules.ItemContext:
    windows = database.frame(
        connection, "grading_windows", WINDOWS, store_codes=list(settings.grading_periods), as_of=judged.as_of
    )
    return item_rules.ItemContext(
        effective_on=pd.Timestamp(settings.effective_date),
        teacher_group=settings.teacher_group,
        mapped_types={
            school: ", ".join(sorted(settings.category_map(judged.source, school or None))) or "none"
            for school in ("", *settings.schools)
        },
        year_first_day=pd.Timestamp(judged.year[0]),
        year_last_day=pd.Timestamp(judged.year[1]),
        windows=windows,
    )


def _opt_outs(connection: Connection, source: str, settings: Settings) -> dict[str, list[Any]]:
    """The sections (DCIDs) and the source's items that are opted out: by the settings, or on the pages."""
    switched = database.rows(connection, "opted_out", source=source)
    sections = {int(dcid) for dcid in settings.opted_out_sections if dcid.isdigit()}
    items = {item for of, item in settings.opted_out_items if of == source}
    sections |= {row["section_dcid"] for row in switched if row["section_dcid"] is not None}
    items |= {row["source_item_id"] for row in switched if row["source_item_id"] is not None}
    return {"opted_out_sections": sorted(sections), "opted_out_items": sorted(items)}


def _load_category_map(connection: Connection, source: str, settings: Settings) -> None:
    """The category map as rows: the district's under the empty school number, a school's overrides under its own."""
    mapped = [("", kind, category) for kind, category in settings.category_map(source, None).items()]
    for school in settings.schools:
        mapped += [(school, kind, category) for kind, category in settings.category_map(source, school).items()]
    database.copy_in(connection, "category_map", ("school_number", "source_type", "category"), mapped)


def _last_item_no(connection: Connection, run_key: int) -> int:
    return int(database.one(connection, "run_items_last", run_key=run_key)["last"])
