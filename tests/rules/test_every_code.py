"""Every code that an item or score rule gives: facts that pass, facts that fail, through the real schemas."""

from functools import cache
from typing import Any

import pandas as pd
import pytest
from tests.rules.facts import codes_of, context, items, schoology_items, schoology_scores, scores
from tests.rules.item_cases import AFTER_SCORES_CASES, ITEM_CASES
from tests.rules.schoology_item_cases import SCHOOLOGY_ITEM_CASES
from tests.rules.schoology_score_cases import SCHOOLOGY_SCORE_CASES
from tests.rules.score_cases import SCORE_CASES

from passback.errors import catalogue
from passback.facts import FACTS
from passback.rules import items as item_rules
from passback.rules import scores as score_rules

# The rules of one source alone; the others are of both.
OTUS_ALONE = {
    "ASSIGNED_BY_ADMIN", "ASSIGNER_NOT_IN_GROUP", "TOTAL_NOT_WHOLE", "NO_SCORES_YET", "EXCLUDED_SCORE",
    "NOT_FULLY_GRADED",
}  # fmt: skip
SCHOOLOGY_ALONE = {
    "NOT_PUBLISHED", "FINAL_GRADE_COLUMN", "CATEGORY_REQUIRED", "NOT_ASSIGNED_TO_STUDENT", "EXCEPTION_UNMAPPED",
}  # fmt: skip
RULE_WARNINGS = {"DUE_DATE_DEFAULTED", "TITLE_TRUNCATED", "SCORE_ABOVE_TOTAL"}

Case = tuple[str, str, dict[str, Any], dict[str, Any]]
OF_ITEMS: dict[str, tuple[Any, tuple[Case, ...]]] = {
    "otus": (items, ITEM_CASES),
    "schoology": (schoology_items, SCHOOLOGY_ITEM_CASES),
}
OF_SCORES: dict[str, tuple[Any, tuple[Case, ...]]] = {
    "otus": (scores, SCORE_CASES),
    "schoology": (schoology_scores, SCHOOLOGY_SCORE_CASES),
}


def ids(case: Any) -> str | None:
    return case.lower().replace(" ", "_") if isinstance(case, str) else ""


def numbered(of: dict[str, tuple[Any, tuple[Case, ...]]]) -> list[tuple[str, int, str, str]]:
    return [(source, n, case[0], case[1]) for source, (_, cases) in of.items() for n, case in enumerate(cases)]


@cache
def item_codes(source: str) -> list[list[str]]:
    made, cases = OF_ITEMS[source]
    facts = made(*(facts for case in cases for facts in case[2:]))
    judged = FACTS[source].judge_items(facts, context())
    assert len(judged) == len(facts)
    return [codes_of(mask) for mask in judged["codes"]]


@cache
def score_codes(source: str) -> list[list[str]]:
    made, cases = OF_SCORES[source]
    masks = FACTS[source].judge_scores(made(*(facts for case in cases for facts in case[2:])))
    return [codes_of(mask) for mask in masks]


@pytest.mark.parametrize(("source", "number", "code", "words"), numbered(OF_ITEMS), ids=ids)
def test_an_item_passes_and_fails(source: str, number: int, code: str, words: str) -> None:
    passes, fails = item_codes(source)[2 * number : 2 * number + 2]
    assert [one for one in passes if one not in RULE_WARNINGS or one == code] == [], words
    assert fails == [code], words


@pytest.mark.parametrize(("source", "number", "code", "words"), numbered(OF_SCORES), ids=ids)
def test_a_score_passes_and_fails(source: str, number: int, code: str, words: str) -> None:
    passes, fails = score_codes(source)[2 * number : 2 * number + 2]
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


def test_every_code_of_the_catalogue_has_its_pair_for_each_source_that_it_is_of() -> None:
    of_rules = {code.code for code in catalogue().values() if code.kind == "rule"} | RULE_WARNINGS
    otus = {case[0] for case in (*ITEM_CASES, *SCORE_CASES, *AFTER_SCORES_CASES)}
    assert otus == of_rules - SCHOOLOGY_ALONE
    assert {case[0] for case in (*SCHOOLOGY_ITEM_CASES, *SCHOOLOGY_SCORE_CASES)} == of_rules - OTUS_ALONE


def test_every_code_of_the_schemas_has_its_pair_at_its_level() -> None:
    item_rounds = {"otus": item_rules.OTUS, "schoology": item_rules.SCHOOLOGY}
    score_rounds = {"otus": score_rules.OTUS, "schoology": score_rules.SCHOOLOGY}
    for rounds_of, of in ((item_rounds, OF_ITEMS), (score_rounds, OF_SCORES)):
        for source, rounds in rounds_of.items():
            assert {case[0] for case in of[source][1]} == {code for one in rounds for code in one.schema.columns}
    assert {case[0] for case in AFTER_SCORES_CASES} == set(item_rules.AFTER_SCORES.schema.columns)
