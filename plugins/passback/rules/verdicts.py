"""Rules as data, and their verdicts: one pandera column a rule, one bit of a mask a code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from passback.errors import catalogue

Masks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `holds` maps the facts to a nullable boolean column, where NA says that its inputs are not known."""

    code: str
    holds: Callable[[pd.DataFrame], pd.Series]


def schema(rules: Sequence[Rule]) -> pa.DataFrameSchema:
    """The pandera schema of these rules: a nullable boolean column named by each code, whose check fails with it."""
    return pa.DataFrameSchema(
        {
            rule.code: pa.Column("boolean", pa.Check(_is_true, error=rule.code), nullable=True, required=True)
            for rule in rules
        },
        strict=True,
    )


@dataclass(frozen=True, slots=True)
class Round:
    """Rules that are asked together, and their schema."""

    rules: tuple[Rule, ...]
    schema: pa.DataFrameSchema


def round_of(*rules: Rule) -> Round:
    """The round of these rules."""
    return Round(rules, schema(rules))


def judged(facts: pd.DataFrame, rounds: Sequence[Round]) -> Masks:
    """The mask of failing codes of every row, by its position; a round is asked only where none before it failed."""
    masks = np.zeros(len(facts), dtype=np.int64)
    for one in rounds:
        clean = pd.Series(masks == 0, index=facts.index)
        masks |= verdicts(truths(facts, one.rules, only_where=clean), one.schema)
    return masks


def truths(facts: pd.DataFrame, rules: Sequence[Rule], only_where: pd.Series | None = None) -> pd.DataFrame:
    """Each rule's column over the facts; NA everywhere that `only_where` is false."""
    columns = {rule.code: rule.holds(facts).astype("boolean") for rule in rules}
    if only_where is not None:
        columns = {code: column.mask(~only_where) for code, column in columns.items()}
    return pd.DataFrame(columns, index=facts.index)


def verdicts(prepared: pd.DataFrame, judge: pa.DataFrameSchema) -> Masks:
    """The mask of failing codes of every row of `prepared` (see `truths`), by the row's position.

    All rules are evaluated: validation is lazy, and every failure case sets its code's bit.
    """
    masks = np.zeros(len(prepared), dtype=np.int64)
    frame = prepared.reset_index(drop=True)
    try:
        judge.validate(frame, lazy=True)
    except SchemaErrors as failures:
        cases = failures.failure_cases
        unknown = set(cases["check"]) - set(catalogue())
        if unknown:
            raise ValueError(f"the rules' columns are not as their schema says: {sorted(map(str, unknown))}") from None
        for code, rows in cases.groupby("check", sort=False)["index"]:
            masks[rows.to_numpy(dtype=np.int64)] |= catalogue()[str(code)].mask
    return masks


def has(masks: Masks, code: str) -> npt.NDArray[np.bool_]:
    """Where a mask holds the code."""
    found: npt.NDArray[np.bool_] = (masks & catalogue()[code].mask) != 0
    return found


def _is_true(column: pd.Series) -> pd.Series:
    return column
