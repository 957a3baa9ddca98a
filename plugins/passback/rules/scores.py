"""The score rules: from a score's facts to its failing codes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from passback.rules.verdicts import Masks, Rule, schema, truths, verdicts

READABLE = (
    Rule("SOURCE_RECORD_INVALID", lambda f: ~f["invalid"]),
    Rule("SOURCE_DELETED", lambda f: (~f["deleted"]).astype("boolean").mask(f["invalid"])),
)

OTUS = (
    Rule("SUPERSEDED", lambda f: ~f["superseded"]),
    Rule("STUDENT_NOT_FOUND", lambda f: f["has_number"]),
    Rule("STUDENT_NOT_ENROLLED", lambda f: f["enrolled"]),
    Rule("EXCLUDED_SCORE", lambda f: ~f["excluded"].fillna(False)),
    Rule("NOT_FULLY_GRADED", lambda f: f["status"] != "turned_in"),
    Rule("NO_SCORE", lambda f: (f["status"] == "turned_in") | ((f["status"] == "graded") & f["points"].notna())),
    Rule("SCORE_INVALID", lambda f: (np.isfinite(f["points"]) & (f["points"] >= 0)).astype("boolean").mask(_none(f))),
)

WARNINGS = (
    Rule(
        "SCORE_ABOVE_TOTAL",
        lambda f: (f["points"] <= f["total"]).astype("boolean").mask(_none(f) | f["total"].isna()),
    ),
)

READABLE_SCHEMA = schema(READABLE)
OTUS_SCHEMA = schema(OTUS)
WARNINGS_SCHEMA = schema(WARNINGS)


def judge_otus(facts: pd.DataFrame) -> Masks:
    """The mask of codes of each Otus score; warnings only where no rule fails.

    Takes columns `invalid`, `deleted`, `superseded`, `has_number` (booleans), `enrolled` (nullable: NA where section or
    number is not known), `excluded` (nullable), `status` (text), `points`, `total` (numbers or missing).
    """
    readable = verdicts(truths(facts, READABLE), READABLE_SCHEMA)
    living = pd.Series(readable == 0, index=facts.index)
    failing = readable | verdicts(truths(facts, OTUS, only_where=living), OTUS_SCHEMA)
    warned = verdicts(truths(facts, WARNINGS, only_where=pd.Series(failing == 0, index=facts.index)), WARNINGS_SCHEMA)
    return failing | warned


def _none(facts: pd.DataFrame) -> pd.Series:
    return facts["points"].isna()
