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
    folded = titles.fillna("").astype(object).str.split().str.join(" ")
    suffix = suffixes.fillna("").astype(object)
    too_long = folded.str.len() + suffix.str.len() > NAME_CHARACTERS
    kept = folded.copy()
    lengths = suffix.str.len()
    for length in lengths[too_long].unique():
        rows = too_long & (lengths == length)
        kept[rows] = folded[rows].str.slice(0, max(NAME_CHARACTERS - int(length) - 1, 0)).str.rstrip() + ELLIPSIS
    name = (kept + suffix).where(folded != "", suffix.str.lstrip())
    return pd.DataFrame({"name": name, "truncated": too_long & (folded != "")}, index=titles.index)


def otus_suffixes(identifiers: pd.Series) -> pd.Series:
    """The suffix of every Otus title: the assessment's identifier, whole, in brackets."""
    return " (" + identifiers.fillna("").astype(object) + ")"
