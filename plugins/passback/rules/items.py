"""The item rules: from an item's facts to its due date, name and failing codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from passback.errors import warnings_mask
from passback.rules.due_dates import in_windows, resolve_otus, resolve_schoology
from passback.rules.item_messages import ItemContext, messages, otus_words, schoology_words
from passback.rules.titles import names, otus_suffixes, schoology_suffixes
from passback.rules.verdicts import Masks, Round, Rule, judged, round_of, truths, verdicts

__all__ = ["OTUS", "SCHOOLOGY", "ItemContext", "judge_after_scores", "judge_otus", "judge_schoology", "passes"]

TOTAL_MOST = 9999
NUMERIC_SCALE = "0"
NO_CATEGORY = ("", "0")

READABLE = round_of(
    Rule("SOURCE_RECORD_INVALID", lambda f: f["reason"].isna()),
    Rule("SOURCE_DELETED", lambda f: (~f["deleted"]).mask(f["reason"].notna())),
)

BOTH = (
    Rule("SECTION_NOT_FOUND", lambda f: f["section_dcid"].notna()),
    Rule("TOTAL_INVALID", lambda f: f["total"].between(0, TOTAL_MOST, inclusive="right")),
    Rule("OPTED_OUT", lambda f: ~f["opted_out"]),
    Rule("CATEGORY_INACTIVE", lambda f: f["teacher_category_id"].notna().astype("boolean").mask(_no_copy_to_ask(f))),
    Rule("DUE_DATE_OUTSIDE_PERIOD", lambda f: f["due_in_period"]),
)

OTUS_ALONE = (
    Rule("BEFORE_EFFECTIVE_DATE", lambda f: f["assigned_on"].fillna(f["created_on"]) >= f["effective_on"]),
    Rule("ASSIGNED_BY_ADMIN", lambda f: f["assigner_sis_id"].notna()),
    Rule("ASSIGNER_NOT_IN_GROUP", lambda f: f["assigner_in_group"]),
    Rule("TEACHER_NOT_IN_SECTION", lambda f: _has_teacher(f).mask(_no_assigner(f))),
    Rule("NOT_POINTS_SCALE", lambda f: f["grading_scale"] == "points"),
    Rule("TOTAL_NOT_WHOLE", lambda f: (f["total"] % 1 == 0).astype("boolean").mask(~_total_fits(f))),
    Rule("NOT_IN_FINAL_GRADE", lambda f: f["include_in_final_grade"]),
    Rule("CATEGORY_UNMAPPED", lambda f: f["category"].notna()),
)

SCHOOLOGY_ALONE = (
    Rule("NOT_PUBLISHED", lambda f: f["published"]),
    Rule("FINAL_GRADE_COLUMN", lambda f: ~f["is_final"]),
    Rule(
        "BEFORE_EFFECTIVE_DATE",
        lambda f: (f["due_on"] >= f["effective_on"]).astype("boolean").mask(f["due_on"].isna()),
    ),
    Rule("TEACHER_NOT_IN_SECTION", lambda f: _has_teacher(f).mask(f["section_dcid"].isna())),
    Rule("NOT_POINTS_SCALE", lambda f: f["grading_scale"] == NUMERIC_SCALE),
    Rule("NOT_IN_FINAL_GRADE", lambda f: f["count_in_grade"].fillna(True) & ~f["collected_only"].fillna(False)),
    Rule("CATEGORY_REQUIRED", lambda f: ~_uncategorised(f)),
    Rule("CATEGORY_UNMAPPED", lambda f: f["category"].notna().astype("boolean").mask(_uncategorised(f))),
)

WARNINGS = round_of(
    Rule("DUE_DATE_DEFAULTED", lambda f: f["basis"].isna()),
    Rule("TITLE_TRUNCATED", lambda f: ~f["truncated"]),
)

OTUS = (READABLE, round_of(*BOTH, *OTUS_ALONE), WARNINGS)
SCHOOLOGY = (READABLE, round_of(*BOTH, *SCHOOLOGY_ALONE), WARNINGS)
AFTER_SCORES = round_of(Rule("NO_SCORES_YET", lambda f: f["in_ledger"] | f["has_passing_score"]))


def judge_otus(facts: pd.DataFrame, context: ItemContext) -> pd.DataFrame:
    """The Otus items of the school year, beside their facts: `due_on`, `name`, `codes` (a mask) and `message`.

    NO_SCORES_YET is not in the mask: it asks for the verdicts of the scores (see `judge_after_scores`).
    """
    # The kind is there wherever the assessment is; an empty identifier is a text like any other.
    named = names(facts["title"], otus_suffixes(facts["identifier"])).assign(is_named=facts["kind"].notna())
    frame = _of_the_year(_resolved(facts, resolve_otus(facts), named, context), context, ("assigned_on", "created_on"))
    return _judged(frame, OTUS, otus_words(frame, context), context)


def judge_schoology(facts: pd.DataFrame, context: ItemContext) -> pd.DataFrame:
    """The Schoology items of the school year, beside their facts: `due_on`, `name`, `codes` (a mask) and `message`."""
    named = names(facts["title"], schoology_suffixes(facts)).assign(is_named=facts["reads"])
    resolved = _resolved(facts, resolve_schoology(facts), named, context)
    frame = _of_the_year(resolved, context, ("period_last_day", "section_last_day"))
    return _judged(frame, SCHOOLOGY, schoology_words(frame), context)


def judge_after_scores(facts: pd.DataFrame) -> Masks:
    """The mask NO_SCORES_YET of items (`in_ledger`, `has_passing_score`: nullable booleans, NA where not known)."""
    return verdicts(truths(facts, AFTER_SCORES.rules), AFTER_SCORES.schema)


def passes(codes: Masks) -> npt.NDArray[np.bool_]:
    """Whether a mask holds nothing but warnings."""
    passing: npt.NDArray[np.bool_] = (codes & ~warnings_mask()) == 0
    return passing


def _resolved(facts: pd.DataFrame, dated: pd.DataFrame, named: pd.DataFrame, context: ItemContext) -> pd.DataFrame:
    frame = facts.assign(effective_on=context.effective_on).join(dated)
    frame = frame.assign(name=named["name"].where(named["is_named"]), truncated=named["truncated"])
    current = context.windows[context.windows["is_current"]]
    inside = in_windows(frame, current) & frame["due_on"].between(frame["section_first_day"], frame["section_last_day"])
    unknown = frame["section_dcid"].isna() | frame["due_on"].isna()
    ended = in_windows(frame, context.windows[context.windows["ended"]])
    return frame.assign(due_in_period=inside.astype("boolean").mask(unknown), due_in_ended_period=ended)


def _of_the_year(frame: pd.DataFrame, context: ItemContext, other_days: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of the school year by due date, else by the first of the other days; one without any day stays."""
    day = frame["due_on"]
    for column in other_days:
        day = day.fillna(frame[column])
    inside = day.isna() | day.between(context.year_first_day, context.year_last_day)
    return frame[inside].reset_index(drop=True)


def _judged(
    frame: pd.DataFrame, rounds: Sequence[Round], words: dict[str, pd.Series], context: ItemContext
) -> pd.DataFrame:
    codes = judged(frame, rounds)
    return frame.assign(codes=codes, message=messages(frame, codes, words, context))


def _total_fits(facts: pd.DataFrame) -> pd.Series:
    fits: pd.Series = facts["total"].between(0, TOTAL_MOST, inclusive="right")
    return fits


def _has_teacher(facts: pd.DataFrame) -> pd.Series:
    has: pd.Series = facts["users_dcid"].notna().astype("boolean")
    return has


def _no_assigner(facts: pd.DataFrame) -> pd.Series:
    return facts["section_dcid"].isna() | facts["assigner_sis_id"].isna()


def _uncategorised(facts: pd.DataFrame) -> pd.Series:
    return facts["grading_category"].isna() | facts["grading_category"].isin(NO_CATEGORY)


def _no_copy_to_ask(facts: pd.DataFrame) -> pd.Series:
    return facts["section_dcid"].isna() | facts["users_dcid"].isna() | facts["category"].isna()
