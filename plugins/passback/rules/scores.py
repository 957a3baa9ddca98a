"""The score rules: from a score's facts to its failing codes."""

from __future__ import annotations

import pandas as pd

from passback.rules.verdicts import Masks, Rule, judged, round_of

# PowerSchool's `actualscoreentered` takes 30 characters; a number of six decimals has more from here on.
BEYOND = 1e30

READABLE = round_of(
    Rule("SOURCE_RECORD_INVALID", lambda f: ~f["invalid"]),
    Rule("SOURCE_DELETED", lambda f: (~f["deleted"]).astype("boolean").mask(f["invalid"])),
)

BOTH = (
    Rule("SUPERSEDED", lambda f: ~f["superseded"]),
    Rule("STUDENT_NOT_FOUND", lambda f: f["has_number"]),
    Rule("STUDENT_NOT_ENROLLED", lambda f: f["enrolled"]),
)

OTUS_ALONE = (
    Rule("EXCLUDED_SCORE", lambda f: ~f["excluded"].fillna(False)),
    Rule("NOT_FULLY_GRADED", lambda f: f["status"] != "turned_in"),
    Rule("NO_SCORE", lambda f: (f["status"] == "turned_in") | ((f["status"] == "graded") & f["points"].notna())),
    Rule("SCORE_INVALID", lambda f: _is_a_score(f).mask(_none(f))),
)

SCHOOLOGY_ALONE = (
    Rule("NOT_ASSIGNED_TO_STUDENT", lambda f: f["assigned"]),
    Rule("NO_SCORE", lambda f: (f["exception"] != "skip") & (f["exception"].notna() | f["unreadable"] | ~_none(f))),
    Rule("SCORE_INVALID", lambda f: (_is_a_score(f) & ~f["unreadable"]).mask(_none(f) & ~f["unreadable"])),
    Rule("EXCEPTION_UNMAPPED", lambda f: f["exception"] != "unmapped"),
)

WARNINGS = round_of(
    Rule(
        "SCORE_ABOVE_TOTAL",
        lambda f: (f["points"] <= f["total"]).astype("boolean").mask(_none(f) | f["total"].isna()),
    ),
)

OTUS = (READABLE, round_of(*BOTH, *OTUS_ALONE), WARNINGS)
SCHOOLOGY = (READABLE, round_of(*BOTH, *SCHOOLOGY_ALONE), WARNINGS)


def judge_otus(facts: pd.DataFrame) -> Masks:
    """The mask of codes of each Otus score; warnings only where no rule fails.

    Takes columns `invalid`, `deleted`, `superseded`, `has_number` (booleans), `enrolled` (nullable: NA where section or
    number is not known), `excluded` (nullable), `status` (text), `points`, `total` (numbers or missing).
    """
    return judged(facts, OTUS)


def judge_schoology(facts: pd.DataFrame) -> Masks:
    """The mask of codes of each Schoology score; warnings only where no rule fails.

    Takes columns `invalid`, `deleted`, `superseded`, `has_number`, `enrolled`, `total` as `judge_otus` does, `assigned`
    (whether the item is given to the student), `exception` (text: `flag`, `skip` or `unmapped`; missing where there is
    none), `points` (a number, missing where there is none or an exception stands in its place) and `unreadable`
    (whether a grade stands there that is no number).
    """
    return judged(facts, SCHOOLOGY)


def _is_a_score(facts: pd.DataFrame) -> pd.Series:
    fits: pd.Series = facts["points"].between(0, BEYOND, inclusive="left").astype("boolean")
    return fits


def _none(facts: pd.DataFrame) -> pd.Series:
    return facts["points"].isna()
