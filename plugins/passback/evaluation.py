"""Evaluation: what is staged, judged in one snapshot, becomes the run's own rows; everything after reads only those."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from passback import database
from passback.database import Connection
from passback.rules import items as item_rules
from passback.rules import scores as score_rules

if TYPE_CHECKING:
    from passback.settings import Settings

log = logging.getLogger(__name__)

ITEM_CHUNK_ROWS = 50_000
SCORE_CHUNK_ROWS = 200_000

ITEM_FACTS = {
    "n": "int64", "reason": "object", "deleted": "bool", "school_number": "object", "section_dcid": "Int64",
    "term_id": "Int64", "section_first_day": "datetime64[s]", "section_last_day": "datetime64[s]",
    "sis_section_id": "object", "users_dcid": "Int64", "assigner_sis_id": "object", "assigner_in_group": "boolean",
    "identifier": "object", "title": "object", "kind": "object", "assessment_type": "object", "grading_scale": "object",
    "total": "float64", "assigned_on": "datetime64[s]", "created_on": "datetime64[s]", "due_date": "datetime64[s]",
    "submission_date": "datetime64[s]", "include_in_final_grade": "boolean", "opted_out": "bool", "category": "object",
    "teacher_category_id": "Int64",
}  # fmt: skip
SCORE_FACTS = {
    "n": "int64", "invalid": "bool", "deleted": "bool", "superseded": "bool", "has_number": "bool",
    "enrolled": "boolean", "excluded": "boolean", "status": "object", "points": "float64", "total": "float64",
}  # fmt: skip
WINDOWS = {
    "school_number": "object", "term_id": "Int64", "store_code": "object", "first_day": "datetime64[s]",
    "last_day": "datetime64[s]", "is_current": "bool", "ended": "bool",
}  # fmt: skip
AFTER_SCORES = {"item_no": "int64", "in_ledger": "boolean", "has_passing_score": "boolean"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What one run judges of one source: the extraction `seq`, the school day `as_of`, PowerSchool's own `today`."""

    run_key: int
    source: str
    seq: int
    as_of: date
    today: date
    year: tuple[date, date]
    schools: list[str] | None


def evaluate(uri: str, judged: Judged, settings: Settings) -> dict[str, int]:
    """Judges every staged item and score of the source and keeps them as the run's own rows.

    A second call replaces the first's rows.
    Returns the number of items and scores, and how many of each pass.
    """
    with database.connect(uri) as connection:
        database.run(connection, "items_register")
    with database.connect(uri) as connection:
        connection.execute("set transaction isolation level repeatable read")
        database.run(connection, "run_rows_clear", run_key=judged.run_key, source=judged.source)
        database.run(connection, "item_verdict_table")
        _items(connection, judged, settings)
        _scores(connection, judged)
        _after_scores(connection, judged)
        database.run(connection, "left_in_sis", run_key=judged.run_key, source=judged.source)
        counts = database.one(connection, "run_rows_count", run_key=judged.run_key, source=judged.source)
    log.info("%s: %s", judged.source, ", ".join(f"{number:,} {name}" for name, number in counts.items()))
    return {name: int(number) for name, number in counts.items()}


def _items(connection: Connection, judged: Judged, settings: Settings) -> None:
    _load_category_map(connection, judged.source, settings)
    context = _context(connection, judged, settings)
    database.run(
        connection, "otus_item_facts", zone=settings.time_zone, today=judged.today, group=settings.teacher_group,
        schools=judged.schools,
        opted_out_sections=[int(dcid) for dcid in settings.opted_out_sections if dcid.isdigit()],
        opted_out_items=[item for source, item in settings.opted_out_items if source == judged.source],
    )  # fmt: skip
    last = database.one(connection, "item_facts_last")["last"]
    for first in range(1, last + 1, ITEM_CHUNK_ROWS):
        span = {"first": first, "last": first + ITEM_CHUNK_ROWS - 1}
        chunk = database.frame(connection, "otus_item_columns", ITEM_FACTS, **span)
        verdict = item_rules.judge_otus(chunk, context).rename(columns={"due_in_ended_period": "ended"})
        verdict = verdict[["n", "due_on", "name", "codes", "message", "ended"]]
        database.copy_frame(connection, "item_verdict", verdict)
    rows = {"run_key": judged.run_key, "source": judged.source, "seq": judged.seq}
    kept = database.run(connection, "run_items_keep", **rows, first_no=_last_item_no(connection, judged.run_key))
    log.info("%s: %s of %s staged items are of this school year", judged.source, f"{kept:,}", f"{last:,}")
    if judged.schools is None:
        after = _last_item_no(connection, judged.run_key)
        database.run(connection, "run_items_keyless", **rows, collection="assignments", first_no=after)
    connection.execute("analyze passback.run_item")


def _scores(connection: Connection, judged: Judged) -> None:
    scope = {"run_key": judged.run_key, "as_of": judged.as_of, "schools": judged.schools}
    database.run(connection, "otus_score_facts", **scope)
    found: list[pd.DataFrame] = []
    seen = 0
    for chunk in database.frames(connection, "otus_score_columns", SCORE_FACTS, SCORE_CHUNK_ROWS):
        codes = score_rules.judge_otus(chunk)
        hit = codes != 0
        found.append(pd.DataFrame({"n": chunk["n"].to_numpy()[hit], "codes": codes[hit]}))
        seen += len(chunk)
        log.info("%s: %s scores judged", judged.source, f"{seen:,}")
    for verdict in found:
        database.copy_frame(connection, "score_verdict", verdict)
    connection.execute("analyze score_verdict")
    database.run(connection, "run_scores_keep", run_key=judged.run_key, source=judged.source)
    if judged.schools is None:
        keyless = {"run_key": judged.run_key, "source": judged.source, "seq": judged.seq, "collection": "scores"}
        database.run(connection, "run_scores_keyless", **keyless)
    connection.execute("analyze passback.run_score")


def _after_scores(connection: Connection, judged: Judged) -> None:
    """Adds NO_SCORES_YET, the one item rule that asks for the verdicts of the scores."""
    facts = database.frame(connection, "items_after_scores", AFTER_SCORES, run_key=judged.run_key, source=judged.source)
    codes = item_rules.judge_after_scores(facts)
    late = pd.DataFrame({"item_no": facts["item_no"].to_numpy(), "codes": codes})[np.not_equal(codes, 0)]
    database.copy_frame(connection, "late_verdict", late)
    database.run(connection, "items_add_codes", run_key=judged.run_key)


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


def _load_category_map(connection: Connection, source: str, settings: Settings) -> None:
    """The category map as rows: the district's under the empty school number, a school's overrides under its own."""
    mapped = [("", kind, category) for kind, category in settings.category_map(source, None).items()]
    for school in settings.schools:
        mapped += [(school, kind, category) for kind, category in settings.category_map(source, school).items()]
    database.copy_in(connection, "category_map", ("school_number", "source_type", "category"), mapped)


def _last_item_no(connection: Connection, run_key: int) -> int:
    return int(database.one(connection, "run_items_last", run_key=run_key)["last"])
