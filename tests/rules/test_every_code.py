"""Every code that an Otus item or score rule gives: facts that pass, facts that fail, through the real schemas."""

from functools import cache
from typing import Any

import pandas as pd
import pytest
from tests.rules.facts import codes_of, context, items, scores
from tests.rules.item_cases import AFTER_SCORES_CASES, ITEM_CASES
from tests.rules.score_cases import SCORE_CASES

from passback.errors import catalogue
from passback.rules import items as item_rules
from passback.rules import scores as score_rules

# The rules of PRODUCT that ask what only Schoology tells.
SCHOOLOGY_ALONE = {
    "NOT_PUBLISHED", "FINAL_GRADE_COLUMN", "CATEGORY_REQUIRED", "NOT_ASSIGNED_TO_STUDENT", "EXCEPTION_UNMAPPED",
}  # fmt: skip
RULE_WARNINGS = {"DUE_DATE_DEFAULTED", "TITLE_TRUNCATED", "SCORE_ABOVE_TOTAL"}

Case = tuple[str, str, dict[str, Any], dict[str, Any]]


def ids(case: Any) -> str | None:
    return case.lower().replace(" ", "_") if isinstance(case, str) else ""


@cache
def item_codes() -> list[list[str]]:
    facts = items(*(facts for case in ITEM_CASES for facts in case[2:]))
    judged = item_rules.judge_otus(facts, context())
    assert len(judged) == len(facts)
    return [codes_of(mask) for mask in judged["codes"]]


@cache
def score_codes() -> list[list[str]]:
    masks = score_rules.judge_otus(scores(*(facts for case in SCORE_CASES for facts in case[2:])))
    return [codes_of(mask) for mask in masks]


@pytest.mark.parametrize(
    ("number", "code", "words"), [(n, case[0], case[1]) for n, case in enumerate(ITEM_CASES)], ids=ids
)
def test_an_item_passes_and_fails(number: int, code: str, words: str) -> None:
    passes, fails = item_codes()[2 * number : 2 * number + 2]
    assert [one for one in passes if one not in RULE_WARNINGS or one == code] == [], words
    assert fails == [code], words


@pytest.mark.parametrize(
    ("number", "code", "words"), [(n, case[0], case[1]) for n, case in enumerate(SCORE_CASES)], ids=ids
)
def test_a_score_passes_and_fails(number: int, code: str, words: str) -> None:
    passes, fails = score_codes()[2 * number : 2 * number + 2]
    assert (passes, fails) == ([], [code]), words


@pytest.mark.parametrize(("code", "words", "passes", "fails"), AFTER_SCORES_CASES, ids=ids)
def test_an_item_waits_for_its_first_score(
    code: str, words: str, passes: dict[str, bool], fails: dict[str, bool]
) -> None:
    facts = pd.DataFrame([passes, fails]).astype("boolean")
    assert [codes_of(mask) for mask in item_rules.judge_after_scores(facts)] == [[], [code]], words


def test_nothing_is_said_of_first_scores_where_the_ledger_is_not_known() -> None:
    unknown = pd.DataFrame({"in_ledger": [None], "has_passing_score": [False]}).astype("boolean")
    assert codes_of(item_rules.judge_after_scores(unknown)[0]) == []


def test_every_code_of_the_catalogue_has_its_pair() -> None:
    of_rules = {code.code for code in catalogue().values() if code.kind == "rule"} | RULE_WARNINGS
    paired = {case[0] for case in (*ITEM_CASES, *SCORE_CASES, *AFTER_SCORES_CASES)}
    assert paired == of_rules - SCHOOLOGY_ALONE


def test_every_code_of_the_schemas_has_its_pair_at_its_level() -> None:
    of_items = {
        *item_rules.READABLE_SCHEMA.columns,
        *item_rules.OTUS_SCHEMA.columns,
        *item_rules.WARNINGS_SCHEMA.columns,
    }
    assert {case[0] for case in ITEM_CASES} == of_items
    assert {case[0] for case in AFTER_SCORES_CASES} == set(item_rules.AFTER_SCORES_SCHEMA.columns)
    of_scores = {
        *score_rules.READABLE_SCHEMA.columns, *score_rules.OTUS_SCHEMA.columns, *score_rules.WARNINGS_SCHEMA.columns,
    }  # fmt: skip
    assert {case[0] for case in SCORE_CASES} == of_scores
