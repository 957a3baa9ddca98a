"""The assignment's name in PowerSchool: the source's title, folded, and a suffix that tells twins apart."""

from __future__ import annotations

import pandas as pd

NAME_CHARACTERS = 50
ELLIPSIS = "…"


def names(titles: pd.Series, suffixes: pd.Series) -> pd.DataFrame:
    """The name of each title, and whether the title was cut for it.

    White space is folded. Where title and suffix (with its leading blank, such as ` (S130545)`) are over 50 Unicode
    characters, the title is cut to 50 - suffix - 1, its trailing white space trimmed, then `…` and the suffix. An empty
    title leaves the suffix without its leading blank. Gives columns `name` (text) and `truncated` (boolean), index as
    given.
    """
    folded = fold(titles)
    suffix = suffixes.fillna("").astype(object)
    too_long = folded.str.len() + suffix.str.len() > NAME_CHARACTERS
    kept = folded.copy()
    lengths = suffix.str.len()
    for length in lengths[too_long].unique():
        rows = too_long & (lengths == length)
        kept[rows] = folded[rows].str.slice(0, max(NAME_CHARACTERS - int(length) - 1, 0)).str.rstrip() + ELLIPSIS
    name = (kept + suffix).where(folded != "", suffix.str.lstrip())
    return pd.DataFrame({"name": name, "truncated": too_long & (folded != "")}, index=titles.index)


def fold(titles: pd.Series) -> pd.Series:
    """The titles with their white space folded; empty where there is none."""
    folded: pd.Series = titles.fillna("").astype(object).str.split().str.join(" ")
    return folded


def otus_suffixes(identifiers: pd.Series) -> pd.Series:
    """The suffix of every Otus title: the assessment's identifier, whole, in brackets."""
    return " (" + identifiers.fillna("").astype(object) + ")"


def schoology_suffixes(facts: pd.DataFrame) -> pd.Series:
    """The suffix of each Schoology title: the grade item's id where an older twin has the title, else nothing.

    An empty title gets it too: PowerSchool takes no assignment without a name. Takes columns `grade_item_id`, `title`
    (texts) and `has_older_twin` (boolean).
    """
    told = facts["has_older_twin"] | (fold(facts["title"]) == "")
    return (" (#" + facts["grade_item_id"].fillna("").astype(object) + ")").where(told, "")


def has_older_twin(items: pd.DataFrame) -> pd.Series:
    """Whether an item further up in the same section has the same title: folded, uncut, in exact case.

    Takes columns `section_id` and `title` (texts), a section's items by their ids.
    """
    return items.assign(title=fold(items["title"])).duplicated(["section_id", "title"])
