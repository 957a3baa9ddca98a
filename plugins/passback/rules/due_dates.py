"""The due date that PowerSchool is given, and the grading periods that it must lie in."""

from __future__ import annotations

import pandas as pd

DEFAULT_DAYS = pd.Timedelta(days=7)


def resolve_otus(facts: pd.DataFrame) -> pd.DataFrame:
    """The due date of each Otus item, and how it was found where the source had none.

    Otus: `due_date`, else the day it was assigned (else created) + 7 days. Otus Plus: always `submission_date` + 7
    days, else as without a due date (Otus's passback guide). An item whose assessment cannot be read has no kind, and
    so no due date.

    Takes columns `kind` (text), `due_date`, `submission_date`, `assigned_on`, `created_on` (dates); gives `due_on`
    (date) and `basis` (text, missing where the source's own date stands), index as given.
    """
    plus = (facts["kind"] == "plus").fillna(False)
    start = facts["assigned_on"].fillna(facts["created_on"])
    own = facts["due_date"].mask(plus, facts["submission_date"] + DEFAULT_DAYS)
    defaulted = own.isna() & start.notna()
    due_on = own.fillna(start + DEFAULT_DAYS).where(facts["kind"].notna())
    word = facts["assigned_on"].notna().map({True: "assigned", False: "created"})
    basis = ("7 days after it was " + word + " on " + start.dt.strftime("%Y-%m-%d")).where(defaulted & due_on.notna())
    return pd.DataFrame({"due_on": due_on, "basis": basis}, index=facts.index)


def resolve_schoology(facts: pd.DataFrame) -> pd.DataFrame:
    """The due date of each Schoology item, and how it was found where the source had none.

    The item's own; else the last day of its Schoology grading period; else the section's last day in PowerSchool. Of an
    item that cannot be read nobody knows whether it had none: nothing is put in its place.

    Takes columns `reads` (boolean), `due_date`, `period_last_day`, `section_last_day` (dates), `period_title` (text);
    gives `due_on` and `basis` as `resolve_otus` does.
    """
    own, period = facts["due_date"], facts["period_last_day"]
    due_on = own.fillna(period.fillna(facts["section_last_day"]).where(facts["reads"]))
    by_period = "the last day of Schoology's grading period “" + facts["period_title"].fillna("").astype(object) + "”"
    basis = by_period.where(period.notna(), "the section's last day in PowerSchool")
    return pd.DataFrame({"due_on": due_on, "basis": basis.where(own.isna() & due_on.notna())}, index=facts.index)


def in_windows(items: pd.DataFrame, windows: pd.DataFrame) -> pd.Series:
    """Whether `due_on` of each item lies in one of the windows of its (`school_number`, `term_id`), both ends included.

    `windows`: `school_number`, `term_id`, `store_code`, `first_day`, `last_day`. Items without a term give False.
    """
    keys = ["school_number", "term_id"]
    asked = items[[*keys, "due_on"]].reset_index(drop=True).reset_index(names="row")
    pairs = asked.merge(windows[[*keys, "first_day", "last_day"]], on=keys)
    hits = pairs.loc[pairs["due_on"].between(pairs["first_day"], pairs["last_day"]), "row"].unique()
    found = pd.Series(False, index=asked.index)
    found[hits] = True
    return found.set_axis(items.index)


def describe_windows(windows: pd.DataFrame) -> pd.DataFrame:
    """Each (`school_number`, `term_id`) with its `windows` in words, such as `Q1 (2026-08-24 to 2026-10-23)`."""
    keys = ["school_number", "term_id"]
    ordered = windows.sort_values([*keys, "first_day", "store_code"])
    words = (
        ordered["store_code"] + " (" + ordered["first_day"].dt.strftime("%Y-%m-%d") + " to "
        + ordered["last_day"].dt.strftime("%Y-%m-%d") + ")"
    )  # fmt: skip
    return ordered[keys].assign(windows=words).groupby(keys, as_index=False, sort=False).agg({"windows": ", ".join})
