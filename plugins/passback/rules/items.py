"""The item rules: from an item's facts to its due date, name and failing codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from passback.errors import catalogue, warnings_mask
from passback.rules.due_dates import describe_windows, in_windows, resolve_otus
from passback.rules.titles import names, otus_suffixes
from passback.rules.verdicts import Masks, Rule, schema, truths, verdicts

TOTAL_MOST = 9999

READABLE = (
    Rule("SOURCE_RECORD_INVALID", lambda f: f["reason"].isna()),
    Rule("SOURCE_DELETED", lambda f: (~f["deleted"]).mask(f["reason"].notna())),
)

OTUS = (
    Rule("SECTION_NOT_FOUND", lambda f: f["section_dcid"].notna()),
    Rule("BEFORE_EFFECTIVE_DATE", lambda f: f["assigned_on"].fillna(f["created_on"]) >= f["effective_on"]),
    Rule("ASSIGNED_BY_ADMIN", lambda f: f["assigner_sis_id"].notna()),
    Rule("ASSIGNER_NOT_IN_GROUP", lambda f: f["assigner_in_group"]),
    Rule("TEACHER_NOT_IN_SECTION", lambda f: f["users_dcid"].notna().astype("boolean").mask(_no_assigner(f))),
    Rule("NOT_POINTS_SCALE", lambda f: f["grading_scale"] == "points"),
    Rule("TOTAL_INVALID", lambda f: f["total"].between(0, TOTAL_MOST, inclusive="right")),
    Rule(
        "TOTAL_NOT_WHOLE",
        lambda f: (f["total"] % 1 == 0).astype("boolean").mask(~f["total"].between(0, TOTAL_MOST, inclusive="right")),
    ),
    Rule("NOT_IN_FINAL_GRADE", lambda f: f["include_in_final_grade"]),
    Rule("OPTED_OUT", lambda f: ~f["opted_out"]),
    Rule("CATEGORY_UNMAPPED", lambda f: f["category"].notna()),
    Rule("CATEGORY_INACTIVE", lambda f: f["teacher_category_id"].notna().astype("boolean").mask(_no_copy_to_ask(f))),
    Rule("DUE_DATE_OUTSIDE_PERIOD", lambda f: f["due_in_period"]),
)

WARNINGS = (
    Rule("DUE_DATE_DEFAULTED", lambda f: f["basis"].isna()),
    Rule("TITLE_TRUNCATED", lambda f: ~f["truncated"]),
)

AFTER_SCORES = (Rule("NO_SCORES_YET", lambda f: f["in_ledger"] | f["has_passing_score"]),)

READABLE_SCHEMA = schema(READABLE)
OTUS_SCHEMA = schema(OTUS)
WARNINGS_SCHEMA = schema(WARNINGS)
AFTER_SCORES_SCHEMA = schema(AFTER_SCORES)


@dataclass(frozen=True, slots=True)
class ItemContext:
    """What the item rules need beside the facts: the settings' words, and the grading periods.

    `mapped_types`: the mapped names in words by school number, the district's under ''; `windows`: `school_number`,
    `term_id`, `store_code`, `first_day`, `last_day`, `is_current`, `ended`.
    """

    effective_on: pd.Timestamp
    teacher_group: str
    mapped_types: dict[str, str]
    year_first_day: pd.Timestamp
    year_last_day: pd.Timestamp
    windows: pd.DataFrame


def judge_otus(facts: pd.DataFrame, context: ItemContext) -> pd.DataFrame:
    """The Otus items of the school year, beside their facts: `due_on`, `name`, `codes` (a mask) and `message`.

    NO_SCORES_YET is not in the mask: it asks for the verdicts of the scores (see `judge_after_scores`).
    """
    frame = _resolved(facts, context)
    frame = frame[_of_the_year(frame, context)].reset_index(drop=True)
    readable = verdicts(truths(frame, READABLE), READABLE_SCHEMA)
    living = pd.Series(readable == 0, index=frame.index)
    failing = readable | verdicts(truths(frame, OTUS, only_where=living), OTUS_SCHEMA)
    warned = verdicts(truths(frame, WARNINGS, only_where=pd.Series(failing == 0, index=frame.index)), WARNINGS_SCHEMA)
    codes = failing | warned
    return frame.assign(codes=codes, message=_messages(frame, codes, context))


def judge_after_scores(facts: pd.DataFrame) -> Masks:
    """The mask NO_SCORES_YET of items (`in_ledger`, `has_passing_score`: nullable booleans, NA where not known)."""
    return verdicts(truths(facts, AFTER_SCORES), AFTER_SCORES_SCHEMA)


def passes(codes: Masks) -> npt.NDArray[np.bool_]:
    """Whether a mask holds nothing but warnings."""
    passing: npt.NDArray[np.bool_] = (codes & ~warnings_mask()) == 0
    return passing


def _resolved(facts: pd.DataFrame, context: ItemContext) -> pd.DataFrame:
    frame = facts.assign(effective_on=context.effective_on).join(resolve_otus(facts))
    named = names(frame["title"], otus_suffixes(frame["identifier"]))
    # The kind is there wherever the assessment is; an empty identifier is a text like any other.
    frame = frame.assign(name=named["name"].where(frame["kind"].notna()), truncated=named["truncated"])
    current = context.windows[context.windows["is_current"]]
    inside = in_windows(frame, current) & frame["due_on"].between(frame["section_first_day"], frame["section_last_day"])
    unknown = frame["section_dcid"].isna() | frame["due_on"].isna()
    ended = in_windows(frame, context.windows[context.windows["ended"]])
    return frame.assign(due_in_period=inside.astype("boolean").mask(unknown), due_in_ended_period=ended)


def _of_the_year(frame: pd.DataFrame, context: ItemContext) -> pd.Series:
    day = frame["due_on"].fillna(frame["assigned_on"]).fillna(frame["created_on"])
    return day.isna() | day.between(context.year_first_day, context.year_last_day)


def _no_assigner(facts: pd.DataFrame) -> pd.Series:
    return facts["section_dcid"].isna() | facts["assigner_sis_id"].isna()


def _no_copy_to_ask(facts: pd.DataFrame) -> pd.Series:
    return facts["section_dcid"].isna() | facts["users_dcid"].isna() | facts["category"].isna()


def _messages(frame: pd.DataFrame, codes: Masks, context: ItemContext) -> pd.Series:
    """The message of each primary code that speaks of the item; missing where the catalogue's own says it all."""
    words = frame[["school_number", "term_id"]].merge(
        describe_windows(context.windows[context.windows["is_current"]]), how="left", on=["school_number", "term_id"]
    )["windows"]
    section_days = _days(frame["section_first_day"]) + " to " + _days(frame["section_last_day"])
    no_period = "every grading period: no period is current"
    windows = (words + "; the section runs " + section_days).where(words.notna(), no_period)
    values = {
        "reason": frame["reason"].fillna(""),
        "section": frame["sis_section_id"].fillna("none given"),
        "assigned": _days(frame["assigned_on"].fillna(frame["created_on"])),
        "effective": pd.Series(context.effective_on.strftime("%Y-%m-%d"), index=frame.index),
        "group": pd.Series(context.teacher_group, index=frame.index),
        "total": frame["total"].map("{:g}".format),
        "type": frame["assessment_type"].fillna(""),
        "mapped": frame["school_number"].map(context.mapped_types).fillna(context.mapped_types[""]),
        "category": frame["category"].fillna(""),
        "due": _days(frame["due_on"]),
        "windows": windows.set_axis(frame.index),
        "basis": frame["basis"],
    }
    message = pd.Series(None, index=frame.index, dtype=object)
    primary = codes & -codes
    for code in catalogue().values():
        rows = primary == code.mask
        if "{" in code.message and rows.any():
            message[rows] = _filled(code.message, {name: column[rows] for name, column in values.items()})
    return message


def _days(dates: pd.Series) -> pd.Series:
    texts: pd.Series = dates.dt.strftime("%Y-%m-%d")
    return texts


def _filled(template: str, values: dict[str, pd.Series]) -> pd.Series:
    """The template with each `{name}` replaced by its column."""
    text: pd.Series | str = ""
    for number, part in enumerate(template.replace("}", "{").split("{")):
        text = text + (values[part].astype(object) if number % 2 else part)
    return pd.Series(text)
