"""What the primary code of an item says of it: the catalogue's message, with the item's own days, names and numbers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from passback.errors import catalogue
from passback.rules.due_dates import describe_windows
from passback.rules.verdicts import Masks

Words = dict[str, pd.Series]


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


def otus_words(frame: pd.DataFrame, context: ItemContext) -> Words:
    """What the messages of Otus items say in its own terms."""
    return {
        "section": frame["sis_section_id"].fillna("none given"),
        "dated": "assigned on " + _days(frame["assigned_on"].fillna(frame["created_on"])),
        "group": _everywhere(frame, context.teacher_group),
        "teacher": _everywhere(frame, "the assigner does not teach the PowerSchool section"),
        "type": frame["assessment_type"].fillna(""),
    }


def schoology_words(frame: pd.DataFrame) -> Words:
    """What the messages of Schoology items say in its own terms."""
    unlisted = frame["grading_category"].fillna("").astype(object) + " (an id that its section does not list)"
    return {
        "section": frame["section_school_code"].fillna("none given"),
        "dated": "due on " + _days(frame["due_on"]),
        "teacher": _everywhere(frame, "the PowerSchool section has no lead teacher today"),
        "type": frame["category_title"].fillna("").where(frame["category_is_listed"], unlisted),
    }


def messages(frame: pd.DataFrame, codes: Masks, own_words: Words, context: ItemContext) -> pd.Series:
    """The message of each primary code that speaks of the item; missing where the catalogue's own says it all."""
    values = own_words | {
        "reason": frame["reason"].fillna(""),
        "effective": _everywhere(frame, context.effective_on.strftime("%Y-%m-%d")),
        "total": frame["total"].map("{:g}".format),
        "mapped": frame["school_number"].map(context.mapped_types).fillna(context.mapped_types[""]),
        "category": frame["category"].fillna(""),
        "due": _days(frame["due_on"]),
        "windows": _windows(frame, context),
        "basis": frame["basis"],
    }
    message = pd.Series(None, index=frame.index, dtype=object)
    primary = codes & -codes
    for code in catalogue().values():
        rows = primary == code.mask
        if "{" in code.message and rows.any():
            message[rows] = _filled(code.message, {name: column[rows] for name, column in values.items()})
    return message


def _windows(frame: pd.DataFrame, context: ItemContext) -> pd.Series:
    """What a due date must lie in, in words: the current periods of the section's term, and the section's days."""
    current = describe_windows(context.windows[context.windows["is_current"]])
    keys = ["school_number", "term_id"]
    periods = frame[keys].merge(current, how="left", on=keys)["windows"].set_axis(frame.index)
    section = _days(frame["section_first_day"]) + " to " + _days(frame["section_last_day"])
    none = "every grading period: no period is current"
    return (periods + "; the section runs " + section).where(periods.notna(), none)


def _everywhere(frame: pd.DataFrame, text: str) -> pd.Series:
    return pd.Series(text, index=frame.index, dtype=object)


def _days(dates: pd.Series) -> pd.Series:
    texts: pd.Series = dates.dt.strftime("%Y-%m-%d")
    return texts


def _filled(template: str, values: Words) -> pd.Series:
    """The template with each `{name}` replaced by its column."""
    text: pd.Series | str = ""
    for number, part in enumerate(template.replace("}", "{").split("{")):
        text = text + (values[part].astype(object) if number % 2 else part)
    return pd.Series(text)
