"""What an item's primary code says: with the item's own days, names and numbers, and nothing left open."""

from typing import Any

import pandas as pd
import pytest
from tests.rules.facts import NOWHERE, codes_of, context, items, schoology_items
from tests.rules.item_cases import ITEM_CASES
from tests.rules.schoology_item_cases import SCHOOLOGY_ITEM_CASES

from passback.errors import catalogue
from passback.rules.items import judge_otus, judge_schoology


def told(**changes: Any) -> str | None:
    (message,) = judge_otus(items(changes), context())["message"]
    return None if pd.isna(message) else message


def told_of_schoology(**changes: Any) -> str | None:
    (message,) = judge_schoology(schoology_items(changes), context())["message"]
    return None if pd.isna(message) else message


@pytest.mark.parametrize(
    "judged",
    [
        judge_otus(items(*(facts for case in ITEM_CASES for facts in case[2:])), context()),
        judge_schoology(schoology_items(*(facts for case in SCHOOLOGY_ITEM_CASES for facts in case[2:])), context()),
    ],
    ids=["otus", "schoology"],
)
def test_no_message_leaves_anything_open(judged: pd.DataFrame) -> None:
    for mask, message in zip(judged["codes"], judged["message"], strict=True):
        open_words = bool(mask) and "{" in catalogue()[codes_of(mask)[0]].message
        assert isinstance(message, str) == open_words
        assert not open_words or not {"{", "}", "nan", "None", "<NA>", "NaT"} & set(_words(message))


def _words(message: str) -> list[str]:
    return message.replace("{", " { ").replace("}", " } ").replace(".", " ").split()


def test_a_due_date_outside_names_the_windows_by_code_and_day() -> None:
    assert told(due_date="2026-11-02") == (
        "Due on 2026-11-02, outside Q1 (2026-08-24 to 2026-10-23); the section runs 2026-08-24 to 2027-06-04."
    )
    assert told(due_date="2026-12-02", school_number="102") == (
        "Due on 2026-12-02, outside Q1 (2026-08-24 to 2026-10-16), Q2 (2026-10-12 to 2026-11-20); "
        "the section runs 2026-08-24 to 2027-06-04."
    )


@pytest.mark.parametrize("school", ["103", "104"])
def test_a_due_date_outside_says_that_no_period_is_current(school: str) -> None:
    assert told(school_number=school) == "Due on 2026-10-15, outside every grading period: no period is current."


def test_an_unmapped_type_lists_the_mapped_names_of_its_school() -> None:
    unmapped = {"assessment_type": "Essay", "category": None, "teacher_category_id": None}
    assert told(**unmapped) == "“Essay” has no PowerSchool category in the map; mapped are: Quiz, Test."
    assert told(**unmapped, school_number="102").endswith("mapped are: Exit ticket, Quiz.")
    assert told(**unmapped | NOWHERE, sis_section_id="7") == "The class is linked to no PowerSchool section (7)."
    assert told(**unmapped | {"assessment_type": ""}).startswith("“” has no PowerSchool category")


def test_a_default_due_date_says_how_it_was_found() -> None:
    by_assignment = told(due_date=None, assigned_on="2026-10-01")
    assert by_assignment == "The source had no due date: 7 days after it was assigned on 2026-10-01."
    by_creation = told(due_date=None, assigned_on=None, created_on="2026-09-20")
    assert by_creation == "The source had no due date: 7 days after it was created on 2026-09-20."


def test_the_other_messages_say_what_it_is_about() -> None:
    assert told(reason="its class: `id` is missing") == (
        "The source's record cannot be read: its class: `id` is missing."
    )
    assert told(**NOWHERE | {"sis_section_id": None}) == "The class is linked to no PowerSchool section (none given)."
    assert told(assigned_on="2026-08-20") == (
        "Before the district's effective date 2026-08-24: assigned on 2026-08-20."
    )
    assert told(users_dcid=None, teacher_category_id=None) == (
        "No acting teacher: the assigner does not teach the PowerSchool section."
    )
    assert told(assigner_in_group=False) == "The assigner is not in the group “PowerSchool Gradebook Passback”."
    assert told(total=27.5) == "The total points have a fraction (27.5)."
    assert told(teacher_category_id=None) == "The acting teacher has no active category “Quizzes” in PowerSchool."


def test_what_a_person_typed_is_taken_as_it_is() -> None:
    odd = "{due} %s {0} 100%"
    assert told(assessment_type=odd, category=None, teacher_category_id=None).startswith(f"“{odd}” has no")


def test_a_message_is_the_primary_codes_alone() -> None:
    assert told(total=27.5, due_date="2026-12-24") == "The total points have a fraction (27.5)."
    assert told(opted_out=True, due_date="2026-12-24") is None
    assert told() is None


def test_a_missing_category_is_told_word_for_word() -> None:
    nothing = {"grading_category": "0", "category_title": None, "category": None, "teacher_category_id": None}
    (row,) = judge_schoology(schoology_items(nothing), context()).itertuples()
    assert (codes_of(row.codes), pd.isna(row.message)) == (["CATEGORY_REQUIRED"], True)
    assert catalogue()["CATEGORY_REQUIRED"].message == (
        "A category is required. To sync, first assign a category to this assignment, then sync again."
    )


def test_schoologys_messages_speak_in_its_own_terms() -> None:
    unmapped = {"category": None, "teacher_category_id": None}
    assert told_of_schoology(**unmapped, category_title="Essay") == (
        "“Essay” has no PowerSchool category in the map; mapped are: Quiz, Test."
    )
    assert told_of_schoology(**unmapped, category_title=None, category_is_listed=False) == (
        "“4371 (an id that its section does not list)” has no PowerSchool category in the map; mapped are: Quiz, Test."
    )
    assert told_of_schoology(**NOWHERE) == "The class is linked to no PowerSchool section (85001)."
    assert told_of_schoology(due_date="2026-08-20") == (
        "Before the district's effective date 2026-08-24: due on 2026-08-20."
    )
    assert told_of_schoology(users_dcid=None) == (
        "No acting teacher: the PowerSchool section has no lead teacher today."
    )
    assert told_of_schoology(due_date=None) == (
        "The source had no due date: the last day of Schoology's grading period “Quarter 1”."
    )
